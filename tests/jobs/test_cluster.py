"""A scheduler and two workers started by hand, as in a computer lab, and servers that come and go."""

import importlib.metadata
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cnn.errors import JobError
from cnn.jobs import cluster, dispatcher, queue
from cnn.jobs.engine import Engine
from tests.jobs.job_control import ANN, BOB, epochs, let_finish, state, submit_sample, wait_until

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler, started with the commands one would type on two machines of the lab."""
    folder = tmp_path_factory.mktemp("dask")
    file = str(folder / "scheduler.json")
    python_path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    environment = {**os.environ, "PYTHONPATH": python_path}
    common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", file]
    with (folder / "log").open("wb") as log:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", role, *common, *more],
                env=environment,
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for role, more in (("scheduler", ["--port", "0"]), ("worker", ["--nthreads", "1", "--nworkers", "2"]))
        ]
    try:
        yield cluster.wait_for_address(Path(file), lambda: all(process.poll() is None for process in processes))
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(autouse=True, scope="module")
def cnn_home(tmp_path_factory: pytest.TempPathFactory, scheduler: str) -> Iterator[Path]:
    """One data folder, as on a file system shared by server and workers, for all tests of this module."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(folder))
        patch.setenv("CNN_SCHEDULER", scheduler)
        yield folder


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine.start()
    wait_until(lambda: engine.slots() == 2)
    yield engine
    engine.close()


def test_two_jobs_run_at_once_on_the_workers_of_the_cluster(engine):
    first, second = submit_sample("until_stopped", ANN), submit_sample("until_stopped", BOB)
    wait_until(lambda: state(first) == state(second) == "running")
    third = submit_sample("until_stopped", BOB)
    assert queue.queue_position(third).ahead == 1
    assert len({queue.read(first).pid, queue.read(second).pid}) == 2
    queue.request_stop(first, ANN)
    wait_until(lambda: state(first) == "stopped" and state(third) == "running")
    let_finish(second, third)
    wait_until(lambda: state(second) == state(third) == "finished")


def test_killed_worker_is_replaced_while_the_other_goes_on(engine):
    first, second = submit_sample("until_stopped", ANN), submit_sample("until_stopped", BOB)
    wait_until(lambda: epochs(first) and epochs(second))
    os.kill(queue.read(first).pid or 0, signal.SIGKILL)
    wait_until(lambda: len(epochs(first)) == 2)
    assert (epochs(first), epochs(second)) == ([(1, 1), (1, 2)], [(1, 1)])
    let_finish(first, second)
    wait_until(lambda: state(first) == state(second) == "finished")


def test_job_that_ignores_a_stop_is_killed_on_its_worker(engine, monkeypatch):
    monkeypatch.setattr(dispatcher, "SECONDS_TO_NOTICE_A_STOP", 0.2)
    id = submit_sample("deaf")
    wait_until(lambda: state(id) == "running")
    pid = queue.read(id).pid or 0
    queue.request_stop(id, ANN)
    wait_until(lambda: state(id) == "stopped")
    wait_until(lambda: not psutil.pid_exists(pid))


def test_closing_server_leaves_an_interrupted_run_that_the_next_one_resumes(engine):
    follower = Engine.start()
    try:
        assert (engine.is_leader, follower.is_leader) == (True, False)
        assert follower.ready()
        id = submit_sample("until_stopped")
        stopping = submit_sample("until_stopped", BOB)
        waiting = submit_sample("nothing")
        wait_until(lambda: epochs(id) and epochs(stopping))
        pid = queue.read(id).pid
        engine.close()
        assert (state(id), state(stopping), state(waiting)) == ("interrupted", "interrupted", "queued")
        wait_until(lambda: follower.is_leader and follower.ready())
        wait_until(lambda: state(waiting) == "finished")  # the workers gave up their orphaned jobs and are free again
        queue.resume(id, ANN)
        wait_until(lambda: len(epochs(id)) == 2)
        let_finish(id)
        wait_until(lambda: state(id) == "finished")
        assert epochs(id) == [(1, 1), (1, 2), (2, 2)]
        assert psutil.pid_exists(pid)
    finally:
        follower.close()


def test_different_versions_are_refused_with_a_sentence(monkeypatch):
    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.0" if name == "keras" else version(name))
    engine = Engine.start()
    try:
        wait_until(lambda: engine.problem)
        assert "keras" in (engine.problem or "")
        assert "this server 1.0" in (engine.problem or "")
        assert not engine.ready()
    finally:
        engine.close()


def test_folder_that_is_not_shared_is_refused_with_a_sentence(tmp_path):
    with cluster.open_cluster(tmp_path) as remote_cluster:
        wait_until(lambda: len(remote_cluster.client.nthreads()) == 2)
        workers = list(remote_cluster.client.nthreads())
        cluster.check_compatibility(remote_cluster.client, tmp_path, workers)
        with pytest.raises(JobError, match=r"does not see .*elsewhere.* file system all share"):
            cluster.check_compatibility(remote_cluster.client, tmp_path / "elsewhere", workers)


def test_scheduler_that_does_not_answer_is_a_sentence_and_jobs_wait(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    monkeypatch.setenv("CNN_SCHEDULER", "tcp://127.0.0.1:9")
    engine = Engine.start()
    try:
        id = submit_sample("nothing")
        wait_until(lambda: engine.problem)
        assert "No Dask scheduler answers at CNN_SCHEDULER=tcp://127.0.0.1:9" in (engine.problem or "")
        assert (engine.ready(), state(id)) == (False, "queued")
    finally:
        engine.close()


def test_worker_that_does_not_restart_makes_the_engine_start_again(monkeypatch, cnn_home):
    monkeypatch.setattr(dispatcher, "SECONDS_TO_RESTART_WORKER", 0)

    class ClientWithoutWorkers:
        def nthreads(self) -> dict[str, int]:
            return {}

    empty_cluster = cluster.Cluster(ClientWithoutWorkers(), is_alive=lambda: True, slots=1)
    with pytest.raises(JobError, match="did not come back"):
        dispatcher.Dispatcher(empty_cluster, cnn_home, on_change=lambda: None).step()
