"""The local engine with real Dask processes: one slot, after a server that was killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cnn.jobs import dask_preload, dispatcher, queue, worker
from cnn.jobs.engine import Engine
from tests.jobs.job_control import ANN, BOB, CAT, epochs, let_finish, state, submit_sample, wait_until

HERE = Path(__file__).parent

SERVER = """
import sys
from cnn.jobs import queue
from cnn.jobs.engine import Engine

engine = Engine.start()
for function in ("until_stopped", "nothing"):
    print(queue.submit("sample_jobs:" + function, {}, workspace="workspace-ann", name=function), flush=True)
sys.stdin.read()
"""


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(autouse=True, scope="module")
def cnn_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data folder, as of one server, for all tests of this module."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(folder))
        patch.setenv("CNN_SLOTS", "1")
        patch.setenv("CNN_JOBS_PER_VISITOR", "50")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parents[1])]))
        yield folder


@pytest.fixture(scope="module")
def killed_server() -> tuple[list[psutil.Process], str, str]:
    """A server killed with SIGKILL in mid-job: its processes, its running job and its queued job."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        running, waiting = (server.stdout.readline().decode().strip() for _ in range(2))
        wait_until(lambda: epochs(running))
        processes = psutil.Process(server.pid).children(recursive=True)
        server.kill()
    return processes, running, waiting


@pytest.fixture(scope="module")
def engine(killed_server) -> Iterator[Engine]:
    engine = Engine.start()
    wait_until(engine.ready)
    processes = psutil.Process().children(recursive=True)
    yield engine
    engine.close()
    wait_until(lambda: not any(is_alive(process) for process in processes))
    assert not engine.ready()


def test_no_process_outlives_a_killed_server(killed_server):
    processes, running, _ = killed_server
    assert len(processes) >= 3  # scheduler, nanny, worker
    assert queue.read(running).pid in [process.pid for process in processes]
    wait_until(lambda: not any(is_alive(process) for process in processes))


def test_killed_server_leaves_an_interrupted_run_and_the_queue_continues(killed_server, engine):
    _, interrupted, waiting = killed_server
    wait_until(lambda: state(waiting) == "finished")
    job = queue.read(interrupted)
    assert (job.state, job.attempt) == ("interrupted", 1)
    assert "Continue" in (job.reason or "")
    queue.resume(interrupted, ANN)
    let_finish(interrupted)
    wait_until(lambda: state(interrupted) == "finished")
    assert queue.read(interrupted).attempt == 2
    assert epochs(interrupted) == [(1, 1), (1, 2), (2, 2)]


def test_jobs_run_one_at_a_time_in_the_order_of_the_queue(engine):
    blocker = submit_sample("until_stopped", CAT)
    wait_until(lambda: state(blocker) == "running")
    ids = [submit_sample("nothing", workspace) for workspace in (ANN, ANN, ANN, BOB, BOB)]
    expected = [ids[n] for n in (0, 3, 1, 4, 2)]
    assert [job.id for job in queue.waiting()] == expected
    assert [queue.queue_position(id).ahead for id in expected] == [1, 2, 3, 4, 5]
    let_finish(blocker)
    wait_until(lambda: all(state(id) == "finished" for id in ids))
    jobs = [queue.read(id) for id in ids]
    assert [job.id for job in sorted(jobs, key=lambda job: job.started or 0)] == expected
    ended = [job.since for job in sorted(jobs, key=lambda job: job.started or 0)]
    assert all(end <= (queue.read(id).started or 0) for end, id in zip(ended, expected[1:], strict=False))


def test_waiting_jobs_are_never_submitted_to_dask(engine):
    """A job stopped while it waits shows no trace of a start."""
    blocker = submit_sample("until_stopped")
    waiting = submit_sample("nothing")
    wait_until(lambda: state(blocker) == "running")
    queue.request_stop(waiting, ANN)
    assert state(waiting) == "stopped"
    let_finish(blocker)
    after = submit_sample("nothing")
    wait_until(lambda: state(after) == "finished")
    assert (state(waiting), queue.read(waiting).attempt, queue.read_events(waiting)[0]) == ("stopped", 0, [])


def test_running_job_stops_on_request(engine):
    id = submit_sample("until_stopped")
    wait_until(lambda: epochs(id))
    queue.request_stop(id, ANN)
    wait_until(lambda: state(id) == "stopped")
    assert (queue.read(id).folder / "in-order").exists()
    assert queue.read(id).attempt == 1


def test_job_that_ignores_a_stop_is_killed(engine, monkeypatch):
    monkeypatch.setattr(dispatcher, "SECONDS_TO_NOTICE_A_STOP", 0.2)
    id = submit_sample("deaf")
    wait_until(lambda: state(id) == "running")
    process = psutil.Process(queue.read(id).pid)
    queue.request_stop(id, ANN)
    wait_until(lambda: state(id) == "stopped")
    assert not is_alive(process)
    assert queue.read(id).attempt == 1


def test_job_over_its_time_limit_is_stopped_with_the_reason(engine, monkeypatch):
    monkeypatch.setenv("CNN_JOB_SECONDS", "0.3")
    id = submit_sample("until_stopped")
    wait_until(lambda: state(id) == "stopped")
    assert "the longest a run may take" in (queue.read(id).reason or "")


def test_a_clock_that_jumps_stops_no_run(engine, monkeypatch):
    """As after a laptop's sleep, or when its clock is set."""
    id = submit_sample("until_stopped")
    wait_until(lambda: epochs(id))
    steps = 0
    step, now = dispatcher.Dispatcher.step, time.time

    def count_steps(self):
        nonlocal steps
        steps += 1
        return step(self)

    monkeypatch.setattr(dispatcher.Dispatcher, "step", count_steps)
    monkeypatch.setattr(time, "time", lambda: now() + 7_200)
    wait_until(lambda: steps > 2)
    let_finish(id)
    wait_until(lambda: state(id) == "finished")


def test_killed_worker_is_replaced_and_the_job_resumes_as_its_next_attempt(engine):
    id = submit_sample("until_stopped")
    wait_until(lambda: epochs(id))
    os.kill(queue.read(id).pid or 0, signal.SIGKILL)
    wait_until(lambda: len(epochs(id)) == 2)
    assert (state(id), queue.read(id).attempt) == ("running", 2)
    let_finish(id)
    wait_until(lambda: state(id) == "finished")
    assert epochs(id) == [(1, 1), (1, 2), (2, 2)]


def test_job_that_always_kills_its_worker_fails_and_the_next_one_runs(engine):
    id, after = submit_sample("deadly"), submit_sample("nothing")
    wait_until(lambda: state(id) == "failed")
    assert queue.read(id).reason == dispatcher.KILLED
    wait_until(lambda: state(after) == "finished")


def test_end_state_is_written_once_the_disk_has_space_again(engine):
    id = submit_sample("full_disk_at_the_end")
    wait_until(lambda: state(id) == "failed")
    assert queue.read(id).reason == worker.UNWRITABLE


def test_two_visitors_who_request_the_same_work_share_one_job(engine):
    id = submit_sample("until_stopped", ANN, key="prepare shapes")
    wait_until(lambda: state(id) == "running")
    assert submit_sample("until_stopped", BOB, key="prepare shapes") == id
    let_finish(id)
    wait_until(lambda: state(id) == "finished")


def test_worker_is_recycled_and_no_job_is_lost(engine, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(dispatcher, "JOBS_PER_WORKER", 1)
        before = submit_sample("nothing")
        wait_until(lambda: state(before) == "finished")
        after = submit_sample("nothing")
        wait_until(lambda: not psutil.pid_exists(queue.read(before).pid or 0))
    wait_until(lambda: state(after) == "finished")
    assert queue.read(after).attempt == 1
    assert queue.read(after).pid != queue.read(before).pid


def test_training_leaves_cpu_time_to_pages(engine, cnn_home):
    id = submit_sample("until_stopped")
    wait_until(lambda: epochs(id))
    process = psutil.Process(queue.read(id).pid)
    assert process.nice() >= 10
    autogroup = Path(f"/proc/{process.pid}/autogroup")
    if autogroup.exists() and os.getsid(0) != os.getsid(process.pid):
        assert autogroup.read_text().endswith(f"nice {dask_preload.NICENESS}\n")
    environment = process.environ()
    assert environment["OMP_NUM_THREADS"] == environment["TF_NUM_INTRAOP_THREADS"]
    assert int(environment["MALLOC_TRIM_THRESHOLD_"]) > 1e9, "Dask's own 65536 makes training three times slower"
    assert (engine.is_leader, engine.slots(), queue.slots()) == (True, 1, 1)
    let_finish(id)
    wait_until(lambda: state(id) == "finished")
