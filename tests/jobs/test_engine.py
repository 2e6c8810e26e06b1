"""The local engine with real Dask processes: one slot, and a server that was killed before it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cnn.jobs import dask_preload, dispatcher, queue, worker
from cnn.jobs.engine import Engine

HERE = Path(__file__).parent
ANN, BOB, CAT = "workspace-ann", "workspace-bob", "workspace-cat"

SERVER = """
import sys
from cnn.jobs import queue
from cnn.jobs.engine import Engine

engine = Engine.start()
for function in ("until_stopped", "nothing"):
    print(queue.submit("sample_jobs:" + function, {}, workspace="workspace-ann", name=function), flush=True)
sys.stdin.read()
"""


def until(condition: Callable[[], object], seconds: float = 100) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)


def submit(function: str, workspace: str = ANN, **more) -> str:
    return queue.submit(f"sample_jobs:{function}", {}, workspace=workspace, name=function, **more)


def state(id: str) -> str:
    return queue.read(id).state


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def let_finish(id: str) -> None:
    (queue.read(id).folder / "go").touch()


def epochs(id: str) -> list[tuple[int, int]]:
    return [(event["epoch"], event["attempt"]) for event in queue.events(id)[0] if event["type"] == "epoch"]


@pytest.fixture(autouse=True, scope="module")
def cnn_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder, as for one server, for all tests here."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(folder))
        patch.setenv("CNN_SLOTS", "1")
        patch.setenv("CNN_JOBS_PER_VISITOR", "50")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parents[1])]))
        yield folder


@pytest.fixture(scope="module")
def killed_server() -> tuple[list[psutil.Process], str, str]:
    """A server killed with -9 in mid-job: the processes it had, its running and its waiting job."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        running, waiting = (server.stdout.readline().decode().strip() for _ in range(2))
        until(lambda: epochs(running))
        processes = psutil.Process(server.pid).children(recursive=True)
        server.kill()
    return processes, running, waiting


@pytest.fixture(scope="module")
def engine(killed_server) -> Iterator[Engine]:
    engine = Engine.start()
    until(engine.ready)
    processes = psutil.Process().children(recursive=True)
    yield engine
    engine.close()
    until(lambda: not any(alive(process) for process in processes))
    assert not engine.ready()


def test_no_process_outlives_a_killed_server(killed_server):
    processes, running, _ = killed_server
    assert len(processes) >= 3  # scheduler, nanny, worker
    assert queue.read(running).pid in [process.pid for process in processes]
    until(lambda: not any(alive(process) for process in processes))


def test_killed_server_leaves_an_interrupted_run_and_a_queue_that_goes_on(killed_server, engine):
    _, interrupted, waiting = killed_server
    until(lambda: state(waiting) == "finished")
    job = queue.read(interrupted)
    assert (job.state, job.attempt) == ("interrupted", 1)
    assert "Continue" in (job.reason or "")
    queue.continue_(interrupted, ANN)
    let_finish(interrupted)
    until(lambda: state(interrupted) == "finished")
    assert queue.read(interrupted).attempt == 2
    assert epochs(interrupted) == [(1, 1), (1, 2), (2, 2)]


def test_jobs_run_one_at_a_time_in_the_order_of_the_queue(engine):
    blocker = submit("until_stopped", CAT)
    until(lambda: state(blocker) == "running")
    ids = [submit("nothing", workspace) for workspace in (ANN, ANN, ANN, BOB, BOB)]
    expected = [ids[n] for n in (0, 3, 1, 4, 2)]
    assert [job.id for job in queue.waiting()] == expected
    assert [queue.queue_position(id).ahead for id in expected] == [1, 2, 3, 4, 5]
    let_finish(blocker)
    until(lambda: all(state(id) == "finished" for id in ids))
    jobs = [queue.read(id) for id in ids]
    assert [job.id for job in sorted(jobs, key=lambda job: job.started or 0)] == expected
    ended = [job.since for job in sorted(jobs, key=lambda job: job.started or 0)]
    assert all(end <= (queue.read(id).started or 0) for end, id in zip(ended, expected[1:], strict=False))


def test_waiting_jobs_are_never_given_to_dask(engine):
    """Stopped while waiting, a job leaves no trace of having been started."""
    blocker = submit("until_stopped")
    waiting = submit("nothing")
    until(lambda: state(blocker) == "running")
    queue.request_stop(waiting, ANN)
    assert state(waiting) == "stopped"
    let_finish(blocker)
    after = submit("nothing")
    until(lambda: state(after) == "finished")
    assert (state(waiting), queue.read(waiting).attempt, queue.events(waiting)[0]) == ("stopped", 0, [])


def test_running_job_obeys_a_stop(engine):
    id = submit("until_stopped")
    until(lambda: epochs(id))
    queue.request_stop(id, ANN)
    until(lambda: state(id) == "stopped")
    assert (queue.read(id).folder / "in-order").exists()
    assert queue.read(id).attempt == 1


def test_job_that_ignores_a_stop_is_killed(engine, monkeypatch):
    monkeypatch.setattr(dispatcher, "SECONDS_TO_NOTICE_A_STOP", 0.2)
    id = submit("deaf")
    until(lambda: state(id) == "running")
    process = psutil.Process(queue.read(id).pid)
    queue.request_stop(id, ANN)
    until(lambda: state(id) == "stopped")
    assert not alive(process)
    assert queue.read(id).attempt == 1


def test_job_over_its_time_is_stopped_and_told_why(engine, monkeypatch):
    monkeypatch.setenv("CNN_JOB_SECONDS", "0.3")
    id = submit("until_stopped")
    until(lambda: state(id) == "stopped")
    assert "the longest a run may take" in (queue.read(id).reason or "")


def test_killed_worker_is_replaced_and_the_job_goes_on_as_its_next_attempt(engine):
    id = submit("until_stopped")
    until(lambda: epochs(id))
    os.kill(queue.read(id).pid or 0, signal.SIGKILL)
    until(lambda: len(epochs(id)) == 2)
    assert (state(id), queue.read(id).attempt) == ("running", 2)
    let_finish(id)
    until(lambda: state(id) == "finished")
    assert epochs(id) == [(1, 1), (1, 2), (2, 2)]


def test_job_that_always_kills_its_worker_fails_and_the_next_one_runs(engine):
    id, after = submit("deadly"), submit("nothing")
    until(lambda: state(id) == "failed")
    assert queue.read(id).reason == dispatcher.KILLED
    until(lambda: state(after) == "finished")


def test_end_of_a_job_is_written_once_the_disk_has_space_again(engine):
    id = submit("full_to_the_end")
    until(lambda: state(id) == "failed")
    assert queue.read(id).reason == worker.FULL_DISK


def test_two_visitors_who_ask_for_the_same_watch_one_job(engine):
    id = submit("until_stopped", ANN, key="prepare shapes")
    until(lambda: state(id) == "running")
    assert submit("until_stopped", BOB, key="prepare shapes") == id
    let_finish(id)
    until(lambda: state(id) == "finished")


def test_worker_is_recycled_and_no_job_is_lost(engine, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(dispatcher, "JOBS_PER_WORKER", 1)
        before = submit("nothing")
        until(lambda: state(before) == "finished")
        after = submit("nothing")
        until(lambda: not psutil.pid_exists(queue.read(before).pid or 0))
    until(lambda: state(after) == "finished")
    assert queue.read(after).attempt == 1
    assert queue.read(after).pid != queue.read(before).pid


def test_training_leaves_pages_their_share(engine, cnn_home):
    id = submit("until_stopped")
    until(lambda: epochs(id))
    process = psutil.Process(queue.read(id).pid)
    assert process.nice() >= 10
    autogroup = Path(f"/proc/{process.pid}/autogroup")
    if autogroup.exists() and os.getsid(0) != os.getsid(process.pid):
        assert autogroup.read_text().endswith(f"nice {dask_preload.NICENESS}\n")
    environment = process.environ()
    assert environment["OMP_NUM_THREADS"] == environment["TF_NUM_INTRAOP_THREADS"]
    assert int(environment["MALLOC_TRIM_THRESHOLD_"]) > 1e9, "Dask's own 65536 makes training three times slower"
    assert (engine.leads, engine.slots(), queue.slots()) == (True, 1, 1)
    let_finish(id)
    until(lambda: state(id) == "finished")
