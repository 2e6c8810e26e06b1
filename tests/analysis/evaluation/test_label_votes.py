from concurrent.futures import ThreadPoolExecutor

import pytest

from cnn.analysis.evaluation import label_votes
from cnn.errors import CnnError


def test_the_last_vote_counts_and_voters_are_anonymous(cnn_home) -> None:
    for who, label in (("ann", 3), ("bob", 5), ("cem", None), ("ann", 5), ("dee", 3)):
        label_votes.cast("digits", "test", 7, who, label)
    label_votes.cast("digits", "test", 8, "ann", 1)
    votes = label_votes.read("digits", "test")
    assert label_votes.count(votes[7], label=3, predicted=5) == (1, 2, 1)
    assert label_votes.count(votes[7], label=3, predicted=9) == (1, 0, 3)
    assert votes[8] == {label_votes.voter("digits", "ann"): 1}
    assert "ann" not in (cnn_home / "votes" / "digits.jsonl").read_text()
    assert label_votes.read("shapes", "test") == label_votes.read("digits", "validation") == {}


def test_damaged_lines_are_skipped(cnn_home) -> None:
    label_votes.cast("digits", "test", 7, "ann", 3)
    file = cnn_home / "votes" / "digits.jsonl"
    with file.open("ab") as lines:
        lines.write(b'\n[]\n{"image": "7", "voter": "x", "label": 1}\n\xff\xfe\n{"image": 7, "voter": "bob", "la')
    label_votes.cast("digits", "test", 7, "bob", None)
    assert label_votes.read("digits", "test") == {
        7: {label_votes.voter("digits", "ann"): 3, label_votes.voter("digits", "bob"): None}
    }


def test_a_vote_that_cannot_be_written_is_reported(cnn_home) -> None:
    (cnn_home / "votes").write_text("a file where the folder should be")
    with pytest.raises(CnnError, match="could not be written"):
        label_votes.cast("digits", "test", 7, "ann", 3)


def test_simultaneous_votes_all_count() -> None:
    with ThreadPoolExecutor(8) as visitors:
        jobs = [
            visitors.submit(label_votes.cast, "digits", "test", image, f"voter {who}", 1)
            for image in range(100)
            for who in "abcd"
        ]
    assert not any(job.exception() for job in jobs)
    votes = label_votes.read("digits", "test")
    assert sorted(votes) == list(range(100))
    assert {len(by_voter) for by_voter in votes.values()} == {4}
