"""Who carries the jobs: Dask processes of this server's own, or a cluster that ``CNN_SCHEDULER`` names.

Not ``LocalCluster``: Streamlit replaces ``__main__``, and it dies of that.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dask.system import CPU_COUNT
from distributed import Client

import cnn
from cnn.errors import JobError
from cnn.jobs.worker import describe

SECONDS_TO_START = 120
SECONDS_TO_CONNECT = 10

DASK_SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    # Each of its processes looks fifty times a second whether it is late: two percent of two cores.
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_LOGGING__DISTRIBUTED": "warning",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # Dask has its workers give memory back at once (a trim threshold of 64 KB). Each step of a training takes the same
    # few megabytes again, and fetching them anew from the kernel made it three times slower.
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_MMAP_MAX_": "0",
}


@dataclass(frozen=True)
class Cluster:
    """A connection to a scheduler.

    ``alive`` says whether it still stands, without asking over the network; ``slots`` how many workers there should
    be, None on a cluster of others.
    """

    client: Client
    alive: Callable[[], bool]
    slots: int | None


def open_cluster(home: Path) -> contextlib.AbstractContextManager[Cluster]:
    """The cluster named by ``CNN_SCHEDULER``, or one started here and ended with the context.

    Raises (on entering):
        JobError: no scheduler answers, or it does not fit this server.
    """
    address = os.environ.get("CNN_SCHEDULER")
    return _remote(address) if address else _local(home)


def check_fit(client: Client, home: Path, workers: list[str]) -> None:
    """Refuse a cluster that would run other code than this server, or does not see its files.

    Raises:
        JobError: a version differs, ``cnn`` is missing, or ``CNN_HOME`` is not on a shared file system.
        OSError: one of the workers has just gone.
    """
    here = describe(str(home)) | {"home": True}
    try:
        scheduler = client.run_on_scheduler(describe, str(home))
        answers = client.run(describe, str(home), workers=workers)
    except ImportError as error:
        raise JobError(
            f"The cluster cannot import this app ({error}). Put the project's folder on PYTHONPATH of the scheduler "
            "and of every worker, and install requirements.txt there."
        ) from error
    for where, there in {"scheduler": scheduler | {"home": True}, **answers}.items():
        for name, version in here.items():
            if name == "home" and not there["home"]:
                raise JobError(f"The worker {where} does not see {home}. Put CNN_HOME on a file system all share.")
            if there[name] != version:
                raise JobError(
                    f"The cluster does not fit: {where} has {name} {there[name]}, this server {version}. "
                    "Install the same Python and requirements.txt on both."
                )


@contextlib.contextmanager
def _remote(address: str) -> Iterator[Cluster]:
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise JobError(
            f"No Dask scheduler answers at CNN_SCHEDULER={address} ({error}). "
            "Start one with `dask scheduler`, or unset CNN_SCHEDULER to train on this machine."
        ) from error
    with client:
        yield Cluster(client, alive=lambda: client.status == "running", slots=None)


@contextlib.contextmanager
def _local(home: Path) -> Iterator[Cluster]:
    # Two jobs at once fill the moments in which one of them traces, saves or waits: short runs are done in two
    # thirds of the time. A job alone has both cores.
    slots = int(os.environ.get("CNN_SLOTS", max(min(2, CPU_COUNT), CPU_COUNT // 2)))
    scheduler_file = home / "dask" / "scheduler.json"
    scheduler_file.parent.mkdir(exist_ok=True)
    scheduler_file.unlink(missing_ok=True)
    preload = ["--preload", "cnn.jobs.dask_preload"]
    common = ["--no-dashboard", "--scheduler-file", str(scheduler_file), "--host", "127.0.0.1", *preload]
    workers = ["--nthreads", "1", "--nworkers", str(slots), "--memory-limit", "0", "--preload-nanny", preload[1]]
    threads = str(max(min(2, CPU_COUNT), CPU_COUNT // slots))
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(_process(home, threads, "scheduler", *common, "--port", "0")),
            stack.enter_context(
                _process(home, threads, "worker", *common, *workers, "--local-directory", str(scheduler_file.parent))
            ),
        ]

        def alive() -> bool:
            return all(process.poll() is None for process in processes)

        address = wait_for_address(scheduler_file, alive)
        client = stack.enter_context(Client(address, timeout=SECONDS_TO_START, set_as_default=False))
        yield Cluster(client, alive=lambda: alive() and client.status == "running", slots=slots)


@contextlib.contextmanager
def _process(home: Path, threads: str, role: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    root = str(Path(cnn.__file__).parents[1])
    environment = {
        **os.environ,
        **DASK_SETTINGS,
        "PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])]),
        "CNN_HOME": str(home),
        "CNN_SERVER_PID": str(os.getpid()),
        "TF_NUM_INTRAOP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        # Threads that wait must not spin: beside other work t-SNE then took several times as long.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    (home / "logs").mkdir(exist_ok=True)
    with (home / "logs" / f"{role}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", role, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        # Nothing to say goodbye to: files are replaced as a whole, and jobs go on from their last epoch.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_address(scheduler_file: Path, alive: Callable[[], bool]) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    while alive() and time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return json.loads(scheduler_file.read_text())["address"]
        time.sleep(0.02)
    raise JobError(
        f"The training engine did not start. What it said is in {scheduler_file.parents[1] / 'logs'}; "
        "restart the app once that is put right."
    )
