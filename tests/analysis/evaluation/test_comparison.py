"""Comparison of two networks' predictions, against NumPy and values computed by hand."""

import numpy as np
import pytest

from cnn.analysis.evaluation.comparison import compare_answers, mcnemar_p_value, most_changed_confusions
from cnn.analysis.evaluation.metrics import confusion_counts

RANDOM = np.random.default_rng(3)
LABELS, FIRST, SECOND = RANDOM.integers(0, 3, (3, 200))


def test_every_image_is_in_one_of_four_groups() -> None:
    comparison = compare_answers(FIRST, SECOND, LABELS)
    assert sorted(np.concatenate(comparison[:4])) == list(range(200))
    for i in range(200):
        first, second = FIRST[i] == LABELS[i], SECOND[i] == LABELS[i]
        group = ("both_wrong", "only_second", "only_first", "both_correct")[2 * int(first) + int(second)]
        assert i in getattr(comparison, group)
        assert (i in comparison.wrong_differently) == (not first and not second and FIRST[i] != SECOND[i])


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="200 and 199 answers do not fit 200 labels"):
        compare_answers(FIRST, SECOND[:199], LABELS)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (3, 0, 2 / 2**3),
        (5, 5, 1.0),
        (7, 2, 2 * (1 + 9 + 36) / 2**9),  # 9 tosses with at most two heads: 1 + 9 + 36 ways of 2 ** 9
        (10, 0, 2 / 2**10),
        (9_000, 400, 0.0),
    ],
)
def test_mcnemar_p_value_by_hand(first: int, second: int, expected: float):
    assert mcnemar_p_value(first, second) == pytest.approx(expected, abs=1e-12)
    assert mcnemar_p_value(second, first) == mcnemar_p_value(first, second)


def test_the_confusions_that_changed_most_come_first() -> None:
    first, second = (confusion_counts(LABELS, answers, 3) for answers in (FIRST, SECOND))
    cells = most_changed_confusions(first, second, 10)
    changes = [abs(int(first[cell]) - int(second[cell])) for cell in cells]
    assert changes == sorted(changes, reverse=True)
    assert all(changes)
    off_diagonal = np.abs(first - second)[~np.eye(3, dtype=bool)]
    assert len(cells) == np.count_nonzero(off_diagonal)
    assert changes[0] == off_diagonal.max()
    assert most_changed_confusions(first, first, 10) == []
