"""One job in this process, as a Dask worker would run it."""

import errno
import os
import threading
from pathlib import Path

import pytest

from cnn.jobs import queue, record, worker
from tests.jobs.job_control import ANN, submit_sample


@pytest.fixture(autouse=True)
def sample_jobs_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def submit_job(function: str) -> queue.Job:
    return queue.read(submit_sample(function))


def test_job_that_returns_is_finished(cnn_home):
    job = submit_job("nothing")
    assert worker.run_job(str(cnn_home), job.id) == "finished"
    done = queue.read(job.id)
    assert (done.state, done.attempt, done.pid, done.reason) == ("finished", 1, os.getpid(), None)
    assert job.created <= done.started <= done.since
    assert [(event["type"], event["attempt"]) for event in queue.read_events(job.id)[0]] == [
        ("started", 1),
        ("done", 1),
    ]


@pytest.mark.parametrize(
    ("function", "state", "reason", "traceback"),
    [
        ("wrong_input", "failed", "There is no data set 'cifar11'. Choose one of the list.", None),
        ("broken", "failed", worker.CRASHED, "ZeroDivisionError: a bug"),
        ("full_disk", "failed", worker.UNWRITABLE, "No space left on device"),
        ("read_only_disk", "failed", worker.UNWRITABLE, "Read-only file system"),
        ("not_there", "failed", worker.CRASHED, "AttributeError"),
    ],
)
def test_job_that_raises_records_the_reason(cnn_home, function, state, reason, traceback):
    job = submit_job(function)
    assert worker.run_job(str(cnn_home), job.id) == state
    assert (queue.read(job.id).state, queue.read(job.id).reason) == (state, reason)
    error_log = job.folder / "error.log"
    assert (traceback in error_log.read_text()) if traceback else not error_log.exists()


@pytest.mark.parametrize("function", ["until_stopped", "stops_with_an_error"])
def test_stop_request_ends_the_job(cnn_home, function):
    job = submit_job(function)
    run = threading.Thread(target=worker.run_job, args=(str(cnn_home), job.id))
    run.start()
    while queue.read(job.id).state != "running":
        pass
    queue.request_stop(job.id, ANN)
    run.join()
    stopped = queue.read(job.id)
    assert (stopped.state, stopped.reason) == ("stopped", None)
    assert (job.folder / "in-order").exists() == (function == "until_stopped")


def test_stop_request_is_checked_before_the_job_starts(cnn_home):
    job = submit_job("broken")
    (job.folder / "stop").write_text("Stopped by the test.")
    assert worker.run_job(str(cnn_home), job.id) == "stopped"
    assert (queue.read(job.id).state, queue.read(job.id).reason) == ("stopped", "Stopped by the test.")
    assert queue.read_events(job.id) == ([], 0)


@pytest.mark.parametrize("state", ["finished", "stopped", "interrupted", "failed"])
def test_job_that_has_ended_is_not_run_again(cnn_home, state):
    """Dask reruns a task whose result was lost with its worker."""
    job = submit_job("broken")
    record.write_status(job.folder, state, attempt=1)
    assert worker.run_job(str(cnn_home), job.id) == state
    assert queue.read(job.id).state == state


def test_job_rerun_elsewhere_gives_up_and_leaves_the_status_alone(cnn_home, monkeypatch):
    monkeypatch.setattr(worker, "SECONDS_BETWEEN_CHECKS", 0)
    job = submit_job("until_stopped")
    run = threading.Thread(target=worker.run_job, args=(str(cnn_home), job.id))
    run.start()
    while queue.read(job.id).state != "running":
        pass
    record.write_status(job.folder, "running", attempt=2, pid=1)
    run.join()
    assert (queue.read(job.id).state, queue.read(job.id).attempt) == ("running", 2)


def test_preparation_rerun_elsewhere_leaves_no_error_behind(cnn_home, monkeypatch):
    monkeypatch.setattr(worker, "SECONDS_BETWEEN_CHECKS", 0)
    job = queue.read(queue.submit("prepare", {"dataset": "digits"}, workspace=ANN, name="Sample"))

    def report(job: queue.Job, event: dict) -> None:
        if event["type"] == "progress":
            record.write_status(job.folder, "running", attempt=2, pid=1)

    monkeypatch.setattr(worker, "_report", report)
    worker.run_job(str(cnn_home), job.id)
    assert (queue.read(job.id).state, queue.read(job.id).attempt) == ("running", 2)
    assert not (job.folder / "error.log").exists()
    assert not (cnn_home / "data" / "digits").exists()


def test_job_survives_a_disk_too_full_for_its_status(cnn_home, monkeypatch):
    job = submit_job("wrong_input")
    replace = os.replace

    def full_at_the_end(source, target):
        if "failed" in Path(source).read_text():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr("cnn.files.os.replace", full_at_the_end)
    assert worker.run_job(str(cnn_home), job.id) == "failed"
    assert queue.read(job.id).state == "running"
