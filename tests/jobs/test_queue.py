"""The queue on disk, without anyone who carries it."""

import errno
import json
import logging
import os
import threading
import time
from pathlib import Path

import pytest

from cnn.errors import JobError
from cnn.jobs import queue, record

ANN, BOB, CAT = "workspace-ann", "workspace-bob", "workspace-cat"


def submit(workspace: str = ANN, **more) -> str:
    return queue.submit("train", {"epochs": 5}, workspace=workspace, name="Digits", **more)


def become(id: str, state: str, *, attempt: int = 1, started: float | None = None) -> None:
    record.write_status(queue.read(id).folder, state, attempt=attempt, started=started)


def four_slots(home: Path) -> None:
    (home / "engine.json").write_text('{"slots": 4, "pid": 1}')


def test_submitted_job_reads_back():
    before = time.time()
    id = submit(key="same work", seconds_expected=4.5)
    job = queue.read(id)
    assert (job.id, job.kind, job.workspace, job.name, job.settings) == (id, "train", ANN, "Digits", {"epochs": 5})
    assert (job.key, job.seconds_expected) == ("same work", 4.5)
    assert (job.state, job.attempt, job.reason, job.started) == ("queued", 0, None, None)
    assert before <= job.created <= job.since <= time.time()
    assert sorted(path.name for path in job.folder.iterdir()) == ["config.json", "status.json"]


@pytest.mark.parametrize("id", ["", "..", "../../etc", "a/b", "runs\0", "x" * 22, ".hidden-one-of-ours", "a" * 9000])
def test_unknown_and_hostile_ids_are_refused(id):
    submit()
    with pytest.raises(JobError, match="no run with this address"):
        queue.read(id)


def test_listing_filters_and_is_newest_first():
    ids = [submit(ANN), submit(BOB), submit(ANN)]
    prepared = queue.submit("prepare", {}, workspace=ANN, name="CIFAR-10")
    become(ids[1], "finished")
    assert [job.id for job in queue.jobs()] == [prepared, *reversed(ids)]
    assert [job.id for job in queue.jobs(kind="train", workspace=ANN)] == [ids[2], ids[0]]
    assert [job.id for job in queue.jobs(states=["finished"])] == [ids[1]]


def test_malformed_folders_are_reported_once_and_skipped(cnn_home, caplog):
    good = submit()
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
    first = submit()
    config = (cnn_home / "runs" / first / "config.json").read_bytes()
    for number in range(499):
        folder = cnn_home / "runs" / f"finished-run-{number:04}"
        folder.mkdir()
        (folder / "config.json").write_bytes(config)
        (folder / "status.json").write_text('{"state": "finished", "attempt": 1, "since": 1}')
    assert len(queue.jobs()) == 500
    parsed = []
    loads = json.loads
    monkeypatch.setattr(record.json, "loads", lambda data: parsed.append(data) or loads(data))
    become(first, "running")
    assert [job.id for job in queue.jobs(states=["running"])] == [first]
    assert len(parsed) == 2  # the two files of the one run that changed


def test_order_is_first_come_first_served_and_fair():
    ann = [submit(ANN) for _ in range(4)]
    bob = [submit(BOB) for _ in range(2)]
    cat = [submit(CAT)]
    assert [job.id for job in queue.waiting()] == [ann[0], bob[0], cat[0], ann[1], bob[1], ann[2], ann[3]]
    become(ann[0], "running")
    assert [job.id for job in queue.waiting()] == [bob[0], cat[0], ann[1], bob[1], ann[2], ann[3]]
    become(bob[0], "running")
    become(cat[0], "running")
    become(ann[0], "finished")
    assert [job.id for job in queue.waiting()] == [ann[1], bob[1], ann[2], ann[3]]


def test_a_workspace_just_served_lets_the_others_go_first():
    ann, bob = [submit(ANN) for _ in range(3)], [submit(BOB) for _ in range(2)]
    become(ann[0], "finished", started=time.time())
    assert [job.id for job in queue.waiting()] == [bob[0], ann[1], bob[1], ann[2]]


def test_place_counts_the_jobs_that_must_end_first(cnn_home):
    ids = [submit(workspace, seconds_expected=10) for workspace in (ANN, BOB, CAT, ANN)]
    assert [queue.queue_position(id) for id in ids] == [queue.QueuePosition(n, 10.0 * n) for n in range(4)]
    assert queue.forecast("someone new") == queue.QueuePosition(3, 30.0)  # in its first round, before Ann's second job
    assert queue.forecast(ANN) == queue.QueuePosition(4, 40.0)
    become(ids[0], "running", started=time.time() - 4)
    assert queue.queue_position(ids[0]) == queue.QueuePosition(0, 0.0)
    assert queue.queue_position(ids[1]) == queue.QueuePosition(1, pytest.approx(6, abs=1))
    become(ids[0], "running", started=time.time() - 60)  # longer than it was expected to take
    assert queue.queue_position(ids[1]) == queue.QueuePosition(1, 0.0)
    four_slots(cnn_home)
    assert queue.queue_position(ids[3]) == queue.QueuePosition(0, 0.0)
    assert queue.slots() == 4


def test_wait_is_not_known_behind_a_job_of_unknown_length(cnn_home):
    submit(ANN)
    behind = submit(BOB, seconds_expected=1)
    assert queue.queue_position(behind) == queue.QueuePosition(1, None)
    four_slots(cnn_home)
    assert queue.queue_position(behind) == queue.QueuePosition(0, 0.0)


def test_limit_of_jobs_per_workspace(monkeypatch):
    monkeypatch.setenv("CNN_JOBS_PER_VISITOR", "2")
    first, second = submit(ANN), submit(ANN)
    become(first, "running")
    with pytest.raises(JobError, match="already have 2 runs"):
        submit(ANN)
    submit(BOB)
    become(second, "failed")
    third = submit(ANN)
    with pytest.raises(JobError, match="already have 2 runs"):
        queue.continue_(second, ANN)
    assert queue.read(second).state == "failed"
    become(third, "finished")
    queue.continue_(second, ANN)


def test_same_work_is_one_job_also_when_all_ask_at_once():
    everyone = threading.Barrier(8)
    ids = []

    def ask(number: int) -> None:
        everyone.wait()
        ids.append(submit(f"workspace {number}", key="prepare cifar10"))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert submit(BOB, key="prepare mnist") not in ids
    become(ids[0], "running")
    assert submit(BOB, key="prepare cifar10") == ids[0]
    become(ids[0], "finished")
    assert submit(BOB, key="prepare cifar10") != ids[0]


@pytest.mark.parametrize("state", ["queued", "running", "interrupted"])
def test_only_the_owner_may_change_a_job(state):
    id = submit(ANN)
    become(id, state)
    before = {path.name: path.read_bytes() for path in queue.read(id).folder.iterdir()}
    for change in (
        lambda: queue.request_stop(id, BOB),
        lambda: queue.rename(id, BOB, "Mine now"),
        lambda: queue.delete(id, BOB),
        lambda: queue.continue_(id, BOB),
    ):
        with pytest.raises(JobError, match="another visitor"):
            change()
    assert {path.name: path.read_bytes() for path in queue.read(id).folder.iterdir()} == before


def test_stopping_a_queued_job_takes_it_out_at_once():
    id, other = submit(), submit()
    assert not queue.stop_requested(queue.read(id).folder)
    queue.request_stop(id, ANN)
    assert queue.read(id).state == "stopped"
    assert [job.id for job in queue.waiting()] == [other]


def test_stopping_a_running_job_leaves_word_and_an_ended_one_alone():
    id = submit()
    become(id, "running")
    queue.request_stop(id, ANN)
    job = queue.read(id)
    assert job.state == "running"
    assert queue.stop_requested(job.folder)
    ended = submit()
    become(ended, "finished")
    queue.request_stop(ended, ANN)
    assert not queue.stop_requested(queue.read(ended).folder)
    assert queue.read(ended).state == "finished"


@pytest.mark.parametrize("state", ["interrupted", "failed"])
def test_continuing_queues_the_same_job_behind_the_others(state):
    id = submit(ANN)
    become(id, "running")
    queue.request_stop(id, ANN)
    become(id, state, attempt=1)
    first = submit(BOB)
    queue.continue_(id, ANN)
    job = queue.read(id)
    assert (job.state, job.attempt, job.reason) == ("queued", 1, None)
    assert not queue.stop_requested(job.folder)
    assert [job.id for job in queue.waiting()] == [first, id]


@pytest.mark.parametrize("state", ["queued", "running", "finished", "stopped"])
def test_only_a_broken_off_job_can_be_continued(state):
    id = submit()
    become(id, state)
    with pytest.raises(JobError, match=f"This run is {state}"):
        queue.continue_(id, ANN)


def test_continuing_does_not_do_the_same_work_twice():
    id = submit(key="prepare cifar10")
    become(id, "failed")
    submit(BOB, key="prepare cifar10")
    with pytest.raises(JobError, match="already queued or running"):
        queue.continue_(id, ANN)


def test_rename_and_its_limits():
    id = submit()
    queue.rename(id, ANN, "  Mein  erstes\nNetz \U0001f600 ../../x ")
    assert queue.read(id).name == "Mein erstes Netz \U0001f600 ../../x"
    for name in ("", " \n ", "x" * 81):
        with pytest.raises(JobError, match="1 to 80 characters"):
            queue.rename(id, ANN, name)


def test_delete_removes_an_ended_job_only(cnn_home):
    id = submit()
    with pytest.raises(JobError, match="Stop it first"):
        queue.delete(id, ANN)
    become(id, "finished")
    queue.delete(id, ANN)
    assert list((cnn_home / "runs").iterdir()) == []
    with pytest.raises(JobError, match="no run with this address"):
        queue.read(id)


def test_full_disk_is_a_sentence_and_leaves_nothing_behind(cnn_home, monkeypatch):
    kept = submit()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("cnn.home.os.fsync", full)
    for change in (
        lambda: submit(),
        lambda: queue.rename(kept, ANN, "Other"),
        lambda: queue.request_stop(kept, ANN),
    ):
        with pytest.raises(JobError, match=r"No space left on device.*Free some space"):
            change()
    assert [path.name for path in (cnn_home / "runs").iterdir()] == [kept]
    assert queue.read(kept).name == "Digits"


def test_sweep_removes_what_a_crash_left(cnn_home):
    id = submit()
    (cnn_home / "runs" / ".abc.partial").mkdir()
    (cnn_home / "runs" / ".abc.partial" / "config.json").write_text("{")
    queue.sweep()
    assert [path.name for path in (cnn_home / "runs").iterdir()] == [id]


def test_events_are_read_once_each_from_an_offset():
    id = submit()
    assert queue.events(id) == ([], 0)
    queue.append(id, {"type": "epoch", "epoch": 1, "name": "Größe"})
    first, offset = queue.events(id)
    assert [(event["type"], event["epoch"], event["attempt"], event["name"]) for event in first] == [
        ("epoch", 1, 0, "Größe")
    ]
    assert abs(first[0]["t"] - time.time()) < 60
    assert queue.events(id, offset) == ([], offset)
    queue.append(id, {"type": "epoch", "epoch": 2, "attempt": 3})
    second, end = queue.events(id, offset)
    assert [(event["epoch"], event["attempt"]) for event in second] == [(2, 3)]
    assert queue.events(id)[0] == first + second
    assert end == (queue.read(id).folder / "events.jsonl").stat().st_size


def test_half_a_line_waits_and_does_not_swallow_the_next():
    id = submit()
    queue.append(id, {"type": "epoch", "epoch": 1})
    _, offset = queue.events(id)
    with (queue.read(id).folder / "events.jsonl").open("ab") as file:
        file.write(b'{"t": 1, "attempt": 1, "ty')
    assert queue.events(id, offset) == ([], offset)
    queue.append(id, {"type": "epoch", "epoch": 2})
    assert [event["epoch"] for event in queue.events(id, offset)[0]] == [2]
    assert [event["epoch"] for event in queue.events(id)[0]] == [1, 2]


def events_of(attempt: int, *parts: str) -> list[dict]:
    """``"b1.5"`` is a batch half through the second epoch, ``"e2"`` the end of the second epoch."""
    kinds = {"b": "batch", "e": "epoch", "s": "started"}
    return [{"t": 0, "attempt": attempt, "type": kinds[part[0]], "epoch": float(part[1:])} for part in parts]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([["b0.5", "b1", "e1", "b1.5"]], [["b0.5", "b1", "e1", "b1.5"]]),
        # Died in the second epoch: its half is dropped as soon as another attempt has begun.
        ([["b0.5", "b1", "e1", "b1.5"], ["b1.2"]], [["b0.5", "b1", "e1"], ["b1.2"]]),
        # Died after an epoch ended, before it was kept: that epoch is done again and counts once.
        ([["b1", "e1", "b2", "e2"], ["b1.5", "b2", "e2"]], [["b1", "e1"], ["b1.5", "b2", "e2"]]),
        # Nothing was kept: all starts again.
        ([["b1", "e1", "b2", "e2"], ["b0.1"]], [[], ["b0.1"]]),
        ([["b1", "e1", "b1.1"], ["b1.3"], ["b2", "e2"]], [["b1", "e1"], [], ["b2", "e2"]]),
    ],
)
def test_each_epoch_counts_once(attempts, expected):
    def flat(parts: list[list[str]]) -> list[dict]:
        return [event for number, part in enumerate(parts, 1) for event in events_of(number, *part)]

    assert queue.current(flat(attempts)) == flat(expected)


def test_an_attempt_that_has_only_begun_drops_the_batches_of_the_one_that_died():
    died = events_of(1, "b1", "e1", "b1.5")
    begun = [{"t": 0, "attempt": 2, "type": "started"}]
    assert queue.current(died + begun) == died[:2] + begun
