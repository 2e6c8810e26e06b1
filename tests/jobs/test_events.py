"""The event log of a job: appending, reading on from an offset, and what a later attempt supersedes."""

import time

import pytest

from cnn.jobs import queue
from tests.jobs.job_control import submit_training


def test_each_event_is_read_once_with_offsets():
    id = submit_training()
    assert queue.read_events(id) == ([], 0)
    queue.append_event(id, {"type": "epoch", "epoch": 1, "name": "Größe"})
    first, offset = queue.read_events(id)
    assert [(event["type"], event["epoch"], event["attempt"], event["name"]) for event in first] == [
        ("epoch", 1, 0, "Größe")
    ]
    assert abs(first[0]["t"] - time.time()) < 60
    assert queue.read_events(id, offset) == ([], offset)
    queue.append_event(id, {"type": "epoch", "epoch": 2, "attempt": 3})
    second, end = queue.read_events(id, offset)
    assert [(event["epoch"], event["attempt"]) for event in second] == [(2, 3)]
    assert queue.read_events(id)[0] == first + second
    assert end == (queue.read(id).folder / "events.jsonl").stat().st_size


def test_half_written_line_is_left_and_does_not_corrupt_the_next():
    id = submit_training()
    queue.append_event(id, {"type": "epoch", "epoch": 1})
    _, offset = queue.read_events(id)
    with (queue.read(id).folder / "events.jsonl").open("ab") as file:
        file.write(b'{"t": 1, "attempt": 1, "ty')
    assert queue.read_events(id, offset) == ([], offset)
    queue.append_event(id, {"type": "epoch", "epoch": 2})
    assert [event["epoch"] for event in queue.read_events(id, offset)[0]] == [2]
    assert [event["epoch"] for event in queue.read_events(id)[0]] == [1, 2]


def events_of(attempt: int, *parts: str) -> list[dict]:
    """``"b1.5"`` is a batch halfway through the second epoch, ``"e2"`` the end of the second epoch."""
    kinds = {"b": "batch", "e": "epoch", "s": "started"}
    return [{"t": 0, "attempt": attempt, "type": kinds[part[0]], "epoch": float(part[1:])} for part in parts]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([["b0.5", "b1", "e1", "b1.5"]], [["b0.5", "b1", "e1", "b1.5"]]),
        # Died in the second epoch: that half epoch is dropped as soon as another attempt has begun.
        ([["b0.5", "b1", "e1", "b1.5"], ["b1.2"]], [["b0.5", "b1", "e1"], ["b1.2"]]),
        # Died after an epoch ended, before it was saved: that epoch is repeated and counts once.
        ([["b1", "e1", "b2", "e2"], ["b1.5", "b2", "e2"]], [["b1", "e1"], ["b1.5", "b2", "e2"]]),
        # Nothing was saved: everything starts again.
        ([["b1", "e1", "b2", "e2"], ["b0.1"]], [[], ["b0.1"]]),
        ([["b1", "e1", "b1.1"], ["b1.3"], ["b2", "e2"]], [["b1", "e1"], [], ["b2", "e2"]]),
    ],
)
def test_each_epoch_counts_once(attempts, expected):
    def flat(parts: list[list[str]]) -> list[dict]:
        return [event for attempt, part in enumerate(parts, 1) for event in events_of(attempt, *part)]

    assert queue.drop_superseded(flat(attempts)) == flat(expected)


def test_attempt_that_has_only_begun_supersedes_the_batches_of_the_one_that_died():
    died = events_of(1, "b1", "e1", "b1.5")
    begun = [{"t": 0, "attempt": 2, "type": "started"}]
    assert queue.drop_superseded(died + begun) == died[:2] + begun
