"""The records of jobs on disk: reading one, listing all, and skipping damaged ones."""

import logging
import time

import pytest

from cnn.errors import JobError
from cnn.jobs import queue, record
from tests.jobs.job_control import ANN, BOB, set_state, submit_training


def test_record_of_a_submitted_job():
    before = time.time()
    id = submit_training(key="same work", seconds_expected=4.5)
    job = queue.read(id)
    assert (job.id, job.kind, job.workspace, job.name, job.settings) == (id, "train", ANN, "Digits", {"epochs": 5})
    assert (job.key, job.seconds_expected) == ("same work", 4.5)
    assert (job.state, job.attempt, job.reason, job.started) == ("queued", 0, None, None)
    assert before <= job.created <= job.since <= time.time()
    assert sorted(path.name for path in job.folder.iterdir()) == ["config.json", "status.json"]


@pytest.mark.parametrize("id", ["", "..", "../../etc", "a/b", "runs\0", "x" * 22, ".hidden-one-of-ours", "a" * 9000])
def test_unknown_and_hostile_ids_are_refused(id):
    submit_training()
    with pytest.raises(JobError, match="no run with this address"):
        queue.read(id)


def test_list_is_filtered_and_newest_first():
    ids = [submit_training(ANN), submit_training(BOB), submit_training(ANN)]
    prepared = queue.submit("prepare", {}, workspace=ANN, name="CIFAR-10")
    set_state(ids[1], "finished")
    assert [job.id for job in queue.jobs()] == [prepared, *reversed(ids)]
    assert [job.id for job in queue.jobs(kind="train", workspace=ANN)] == [ids[2], ids[0]]
    assert [job.id for job in queue.jobs(states=["finished"])] == [ids[1]]


def test_malformed_folders_are_reported_once_and_skipped(cnn_home, caplog):
    good = submit_training()
    broken = {
        "no-config-there": {},
        "half-config-here": {"config.json": '{"kind": "tra'},
        "no-status-there": {"config.json": (cnn_home / "runs" / good / "config.json").read_text()},
        "list-for-a-config": {"config.json": "[]", "status.json": "[]"},
        "unknown-state-in-it": {
            "config.json": (cnn_home / "runs" / good / "config.json").read_text(),
            "status.json": '{"state": "lost", "attempt": 0, "since": 0}',
        },
    }
    for name, files in broken.items():
        folder = cnn_home / "runs" / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file).write_text(text)
    (cnn_home / "runs" / "a file, not a folder").write_text("")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert [job.id for job in queue.jobs()] == [good]
            assert [job.id for job in queue.waiting()] == [good]
    assert all(sum(name in message for message in caplog.messages) == 1 for name in broken)
    with pytest.raises(JobError, match="damaged"):
        queue.read("half-config-here")


def test_five_hundred_runs_are_parsed_once(cnn_home, monkeypatch):
    first = submit_training()
    config = (cnn_home / "runs" / first / "config.json").read_bytes()
    for index in range(499):
        folder = cnn_home / "runs" / f"finished-run-{index:04}"
        folder.mkdir()
        (folder / "config.json").write_bytes(config)
        (folder / "status.json").write_text('{"state": "finished", "attempt": 1, "since": 1}')
    assert len(queue.jobs()) == 500
    parsed = []
    read_object = record.read_object
    monkeypatch.setattr(record, "read_object", lambda path: parsed.append(path) or read_object(path))
    set_state(first, "running")
    assert [job.id for job in queue.jobs(states=["running"])] == [first]
    assert len(parsed) == 2  # the two files of the one run that changed
