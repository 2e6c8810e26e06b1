"""The order of the queue, and the wait it promises."""

import time
from pathlib import Path

import pytest

from cnn.jobs import queue
from tests.jobs.job_control import ANN, BOB, CAT, set_state, submit_training


def set_four_slots(home: Path) -> None:
    (home / "engine.json").write_text('{"slots": 4, "pid": 1}')


def test_queue_is_first_come_first_served_and_fair():
    ann = [submit_training(ANN) for _ in range(4)]
    bob = [submit_training(BOB) for _ in range(2)]
    cat = [submit_training(CAT)]
    assert [job.id for job in queue.waiting()] == [ann[0], bob[0], cat[0], ann[1], bob[1], ann[2], ann[3]]
    set_state(ann[0], "running")
    assert [job.id for job in queue.waiting()] == [bob[0], cat[0], ann[1], bob[1], ann[2], ann[3]]
    set_state(bob[0], "running")
    set_state(cat[0], "running")
    set_state(ann[0], "finished")
    assert [job.id for job in queue.waiting()] == [ann[1], bob[1], ann[2], ann[3]]


def test_other_workspaces_come_before_the_one_just_served():
    ann, bob = [submit_training(ANN) for _ in range(3)], [submit_training(BOB) for _ in range(2)]
    set_state(ann[0], "finished", started=time.time())
    assert [job.id for job in queue.waiting()] == [bob[0], ann[1], bob[1], ann[2]]


def test_position_counts_the_jobs_that_must_end_first(cnn_home):
    ids = [submit_training(workspace, seconds_expected=10) for workspace in (ANN, BOB, CAT, ANN)]
    assert [queue.queue_position(id) for id in ids] == [queue.QueuePosition(n, 10.0 * n) for n in range(4)]
    assert queue.forecast("someone new") == queue.QueuePosition(3, 30.0)  # in its first round, before Ann's second job
    assert queue.forecast(ANN) == queue.QueuePosition(4, 40.0)
    set_state(ids[0], "running", started=time.time() - 4)
    assert queue.queue_position(ids[0]) == queue.QueuePosition(0, 0.0)
    assert queue.queue_position(ids[1]) == queue.QueuePosition(1, pytest.approx(6, abs=1))
    set_state(ids[0], "running", started=time.time() - 60)  # longer than it was expected to take
    assert queue.queue_position(ids[1]) == queue.QueuePosition(1, 0.0)
    set_four_slots(cnn_home)
    assert queue.queue_position(ids[3]) == queue.QueuePosition(0, 0.0)
    assert queue.slots() == 4


def test_wait_is_unknown_behind_a_job_of_unknown_length(cnn_home):
    submit_training(ANN)
    behind = submit_training(BOB, seconds_expected=1)
    assert queue.queue_position(behind) == queue.QueuePosition(1, None)
    set_four_slots(cnn_home)
    assert queue.queue_position(behind) == queue.QueuePosition(0, 0.0)
