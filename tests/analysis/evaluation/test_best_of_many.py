"""The best of many guessers: better on the images that chose it than on others."""

import numpy as np

from cnn.analysis.evaluation.best_of_many import best_guesser

LABELS = np.arange(1000) % 10


def test_the_best_of_many_looks_good_on_the_images_that_chose_it_alone() -> None:
    found = [best_guesser(LABELS, 10, 1000, 100, seed) for seed in range(20)]
    chosen, again = (np.mean([getattr(best, part) for best in found]) for part in ("chosen", "again"))
    # Of 1,000 draws from a binomial distribution (100, 0.1) the largest is 20 on average; any single one is 10.
    assert 19 <= chosen <= 21.5
    assert 8.5 <= again <= 11.5
    assert {best.images for best in found} == {100}


def test_a_single_guesser_does_as_well_on_other_images() -> None:
    found = [best_guesser(LABELS, 10, 1, 100, seed) for seed in range(60)]
    assert abs(np.mean([best.chosen - best.again for best in found])) < 2


def test_as_many_other_images_are_left_where_there_are_few() -> None:
    assert best_guesser(LABELS[:7], 10, 10, 100, 1).images == 3
    assert best_guesser(LABELS[:1], 10, 10, 100, 1) == (0, 0, 0)


def test_a_seed_gives_the_same_again() -> None:
    assert best_guesser(LABELS, 10, 100, 100, 5) == best_guesser(LABELS, 10, 100, 100, 5)
