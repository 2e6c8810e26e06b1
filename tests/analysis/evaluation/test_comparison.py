"""Two networks' answers compared, and votes on labels kept, against NumPy and numbers worked out by hand."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnn.analysis.evaluation import label_votes
from cnn.analysis.evaluation.comparison import compare_answers, mcnemar_p_value, most_changed_confusions
from cnn.analysis.evaluation.metrics import confusion_counts
from cnn.errors import CnnError

RANDOM = np.random.default_rng(3)
LABELS, FIRST, SECOND = RANDOM.integers(0, 3, (3, 200))


def test_every_image_is_in_one_of_four_groups() -> None:
    found = compare_answers(FIRST, SECOND, LABELS)
    assert sorted(np.concatenate(found[:4])) == list(range(200))
    for place in range(200):
        first, second = FIRST[place] == LABELS[place], SECOND[place] == LABELS[place]
        group = ("both_wrong", "only_second", "only_first", "both_right")[2 * int(first) + int(second)]
        assert place in getattr(found, group)
        assert (place in found.wrong_differently) == (not first and not second and FIRST[place] != SECOND[place])


def test_answers_that_do_not_fit_are_refused() -> None:
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
def test_mcnemar_p_value_counts_the_tosses_that_are_at_least_so_lopsided(first: int, second: int, expected: float):
    assert mcnemar_p_value(first, second) == pytest.approx(expected, abs=1e-12)
    assert mcnemar_p_value(second, first) == mcnemar_p_value(first, second)


def test_the_confusions_that_changed_most_come_first() -> None:
    first, second = (confusion_counts(LABELS, answers, 3) for answers in (FIRST, SECOND))
    cells = most_changed_confusions(first, second, 10)
    changes = [abs(int(first[cell]) - int(second[cell])) for cell in cells]
    assert changes == sorted(changes, reverse=True)
    assert all(changes)
    away = np.abs(first - second)[~np.eye(3, dtype=bool)]
    assert len(cells) == np.count_nonzero(away)
    assert changes[0] == away.max()
    assert most_changed_confusions(first, first, 10) == []


def test_the_last_vote_counts_and_nobody_can_be_told_from_it(cnn_home) -> None:
    for who, label in (("ann", 3), ("bob", 5), ("cem", None), ("ann", 5), ("dee", 3)):
        label_votes.cast("digits", 7, who, label)
    label_votes.cast("digits", 8, "ann", 1)
    kept = label_votes.read("digits")
    assert label_votes.count(kept[7], label=3, said=5) == (1, 2, 1)
    assert label_votes.count(kept[7], label=3, said=9) == (1, 0, 3)
    assert kept[8] == {label_votes.voter("digits", "ann"): 1}
    assert "ann" not in (cnn_home / "votes" / "digits.jsonl").read_text()
    assert label_votes.read("shapes") == {}


def test_a_damaged_line_spoils_only_itself(cnn_home) -> None:
    label_votes.cast("digits", 7, "ann", 3)
    file = cnn_home / "votes" / "digits.jsonl"
    with file.open("ab") as lines:
        lines.write(b'\n[]\n{"image": "7", "voter": "x", "label": 1}\n\xff\xfe\n{"image": 7, "voter": "bob", "la')
    label_votes.cast("digits", 7, "bob", None)
    assert label_votes.read("digits") == {
        7: {label_votes.voter("digits", "ann"): 3, label_votes.voter("digits", "bob"): None}
    }


def test_a_vote_that_cannot_be_written_says_so(cnn_home) -> None:
    (cnn_home / "votes").write_text("a file where the folder should be")
    with pytest.raises(CnnError, match="could not be written"):
        label_votes.cast("digits", 7, "ann", 3)


def test_votes_cast_at_the_same_moment_all_count() -> None:
    with ThreadPoolExecutor(8) as visitors:
        jobs = [
            visitors.submit(label_votes.cast, "digits", image, f"voter {who}", 1)
            for image in range(100)
            for who in "abcd"
        ]
    assert not any(job.exception() for job in jobs)
    kept = label_votes.read("digits")
    assert sorted(kept) == list(range(100))
    assert {len(given) for given in kept.values()} == {4}
