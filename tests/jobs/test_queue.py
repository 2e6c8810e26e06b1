"""Submitting, stopping, resuming, renaming, claiming and deleting jobs, with nobody there to run them."""

import errno
import os
import threading

import pytest

from cnn.errors import JobError
from cnn.jobs import queue
from tests.jobs.job_control import ANN, BOB, set_state, submit_training


def test_limit_of_jobs_per_workspace(monkeypatch):
    monkeypatch.setenv("CNN_JOBS_PER_VISITOR", "2")
    first, second = submit_training(ANN), submit_training(ANN)
    set_state(first, "running")
    with pytest.raises(JobError, match="already have 2 runs"):
        submit_training(ANN)
    submit_training(BOB)
    set_state(second, "failed")
    third = submit_training(ANN)
    with pytest.raises(JobError, match="already have 2 runs"):
        queue.resume(second, ANN)
    assert queue.read(second).state == "failed"
    set_state(third, "finished")
    queue.resume(second, ANN)


def test_same_work_is_one_job_even_if_all_submit_at_once():
    barrier = threading.Barrier(8)
    ids = []

    def submit_simultaneously(index: int) -> None:
        barrier.wait()
        ids.append(submit_training(f"workspace {index}", key="prepare cifar10"))

    threads = [threading.Thread(target=submit_simultaneously, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert submit_training(BOB, key="prepare mnist") not in ids
    set_state(ids[0], "running")
    assert submit_training(BOB, key="prepare cifar10") == ids[0]
    set_state(ids[0], "finished")
    assert submit_training(BOB, key="prepare cifar10") != ids[0]


@pytest.mark.parametrize("state", ["queued", "running", "interrupted"])
def test_only_the_owner_may_change_a_job(state):
    id = submit_training(ANN)
    set_state(id, state)
    before = {path.name: path.read_bytes() for path in queue.read(id).folder.iterdir()}
    for change in (
        lambda: queue.request_stop(id, BOB),
        lambda: queue.rename(id, BOB, "Mine now"),
        lambda: queue.delete(id, BOB),
        lambda: queue.resume(id, BOB),
    ):
        with pytest.raises(JobError, match="another visitor"):
            change()
    assert {path.name: path.read_bytes() for path in queue.read(id).folder.iterdir()} == before


def test_a_job_that_is_nobodys_is_claimed_once():
    id, other = submit_training(""), submit_training(ANN)
    queue.claim(id, ANN)
    queue.claim(id, ANN)
    assert [job.id for job in queue.jobs(workspace=ANN)] == [other, id]
    for taken in (id, other):
        with pytest.raises(JobError, match="Another visitor has taken this already"):
            queue.claim(taken, BOB)
    queue.rename(id, ANN, "Mine")
    assert (queue.read(id).workspace, queue.read(id).name) == (ANN, "Mine")


def test_stopping_a_queued_job_removes_it_from_the_queue_at_once():
    id, other = submit_training(), submit_training()
    assert not queue.stop_requested(queue.read(id).folder)
    queue.request_stop(id, ANN)
    assert queue.read(id).state == "stopped"
    assert [job.id for job in queue.waiting()] == [other]


def test_stopping_a_running_job_leaves_a_request_and_an_ended_one_alone():
    id = submit_training()
    set_state(id, "running")
    queue.request_stop(id, ANN)
    job = queue.read(id)
    assert job.state == "running"
    assert queue.stop_requested(job.folder)
    ended = submit_training()
    set_state(ended, "finished")
    queue.request_stop(ended, ANN)
    assert not queue.stop_requested(queue.read(ended).folder)
    assert queue.read(ended).state == "finished"


@pytest.mark.parametrize("state", ["interrupted", "failed"])
def test_resuming_queues_the_same_job_behind_the_others(state):
    id = submit_training(ANN)
    set_state(id, "running")
    queue.request_stop(id, ANN)
    set_state(id, state, attempt=1)
    first = submit_training(BOB)
    queue.resume(id, ANN)
    job = queue.read(id)
    assert (job.state, job.attempt, job.reason) == ("queued", 1, None)
    assert not queue.stop_requested(job.folder)
    assert [job.id for job in queue.waiting()] == [first, id]


@pytest.mark.parametrize("state", ["queued", "running", "finished", "stopped"])
def test_only_an_interrupted_or_failed_job_can_be_resumed(state):
    id = submit_training()
    set_state(id, state)
    with pytest.raises(JobError, match=f"This run is {state}"):
        queue.resume(id, ANN)


def test_resuming_does_not_repeat_work_under_way():
    id = submit_training(key="prepare cifar10")
    set_state(id, "failed")
    submit_training(BOB, key="prepare cifar10")
    with pytest.raises(JobError, match="already queued or running"):
        queue.resume(id, ANN)


def test_names_are_normalized_and_limited():
    id = submit_training()
    queue.rename(id, ANN, "  Mein  erstes\nNetz \U0001f600 ../../x ")
    assert queue.read(id).name == "Mein erstes Netz \U0001f600 ../../x"
    for name in ("", " \n ", "x" * 81):
        with pytest.raises(JobError, match="1 to 80 characters"):
            queue.rename(id, ANN, name)


def test_delete_removes_an_ended_job_only(cnn_home):
    id = submit_training()
    with pytest.raises(JobError, match="Stop it first"):
        queue.delete(id, ANN)
    set_state(id, "finished")
    queue.delete(id, ANN)
    assert list((cnn_home / "runs").iterdir()) == []
    with pytest.raises(JobError, match="no run with this address"):
        queue.read(id)


def test_full_disk_is_a_sentence_and_leaves_nothing_behind(cnn_home, monkeypatch):
    existing = submit_training()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("cnn.files.os.fsync", full)
    for change in (
        lambda: submit_training(),
        lambda: queue.rename(existing, ANN, "Other"),
        lambda: queue.request_stop(existing, ANN),
    ):
        with pytest.raises(JobError, match=r"No space left on device.*Free some space"):
            change()
    assert [path.name for path in (cnn_home / "runs").iterdir()] == [existing]
    assert queue.read(existing).name == "Digits"


def test_leftovers_of_a_crash_are_removed(cnn_home):
    id = submit_training()
    (cnn_home / "runs" / ".abc.partial").mkdir()
    (cnn_home / "runs" / ".abc.partial" / "config.json").write_text("{")
    queue.remove_leftovers()
    assert [path.name for path in (cnn_home / "runs").iterdir()] == [id]
