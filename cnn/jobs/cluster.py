"""The Dask cluster that runs the jobs: one started by this server, or the one that ``CNN_SCHEDULER`` names.

``LocalCluster`` is no option: it crashes because Streamlit replaces ``__main__``.
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
from cnn.jobs.worker import describe_environment

SECONDS_TO_START = 120
SECONDS_TO_CONNECT = 10

DASK_SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    # By default every process checks its event loop for delays fifty times a second: two percent of two cores.
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_LOGGING__DISTRIBUTED": "warning",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # Else the first process on a GPU takes all its memory.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    # Dask makes its workers return freed memory at once (a trim threshold of 64 KB). Every training step needs the same
    # few megabytes again, and requesting them from the kernel each time made training three times slower.
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_MMAP_MAX_": "0",
}


@dataclass(frozen=True)
class Cluster:
    """A connection to a scheduler.

    ``is_alive`` tells whether the connection is intact, without network traffic; ``slots`` is the number of workers
    started here, None for a cluster that this server did not start.
    """

    client: Client
    is_alive: Callable[[], bool]
    slots: int | None


def open_cluster(home: Path) -> contextlib.AbstractContextManager[Cluster]:
    """Connect to the cluster named by ``CNN_SCHEDULER``, or start one that ends with the context.

    Raises (on entering):
        JobError: no scheduler answers, or the local one did not start.
    """
    address = os.environ.get("CNN_SCHEDULER")
    return _remote_cluster(address) if address else _local_cluster(home)


def check_compatibility(client: Client, home: Path, workers: list[str]) -> None:
    """Refuse a cluster that would run different code from this server, or cannot see its files.

    Raises:
        JobError: a version differs, ``cnn`` is missing, or ``CNN_HOME`` is not on a shared file system.
        OSError: one of the workers has just disappeared.
    """
    expected = describe_environment(str(home)) | {"home": True}
    try:
        scheduler = client.run_on_scheduler(describe_environment, str(home))
        environments = client.run(describe_environment, str(home), workers=workers)
    except ImportError as error:
        raise JobError(
            f"The cluster cannot import this app ({error}). Put the project's folder on PYTHONPATH of the scheduler "
            "and of every worker, and install requirements.txt there."
        ) from error
    # The scheduler opens no files, so it need not see CNN_HOME.
    for process, environment in {"scheduler": scheduler | {"home": True}, **environments}.items():
        for name, version in expected.items():
            if name == "home" and not environment["home"]:
                raise JobError(f"The worker {process} does not see {home}. Put CNN_HOME on a file system all share.")
            if environment[name] != version:
                raise JobError(
                    f"The cluster does not fit: {process} has {name} {environment[name]}, this server {version}. "
                    "Install the same Python and requirements.txt on both."
                )


@contextlib.contextmanager
def _remote_cluster(address: str) -> Iterator[Cluster]:
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise JobError(
            f"No Dask scheduler answers at CNN_SCHEDULER={address} ({error}). "
            "Start one with `dask scheduler`, or unset CNN_SCHEDULER to train on this machine."
        ) from error
    with client:
        yield Cluster(client, is_alive=lambda: client.status == "running", slots=None)


@contextlib.contextmanager
def _local_cluster(home: Path) -> Iterator[Cluster]:
    # A second job uses the cores while the first one traces, saves or waits: short runs finish in two thirds of the
    # time. A job that runs alone has both cores.
    slots = int(os.environ.get("CNN_SLOTS", max(min(2, CPU_COUNT), CPU_COUNT // 2)))
    scheduler_file = home / "dask" / "scheduler.json"
    scheduler_file.parent.mkdir(exist_ok=True)
    scheduler_file.unlink(missing_ok=True)
    preload = ["--preload", "cnn.jobs.dask_preload"]
    # Even without a dashboard, Dask serves its figures over HTTP, and without this at all addresses of the machine.
    inside = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    common = [*inside, "--scheduler-file", str(scheduler_file), *preload]
    workers = ["--nthreads", "1", "--nworkers", str(slots), "--memory-limit", "0", "--preload-nanny", preload[1]]
    threads = str(max(min(2, CPU_COUNT), CPU_COUNT // slots))
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(_dask_process(home, threads, "scheduler", *common, "--port", "0")),
            stack.enter_context(
                _dask_process(
                    home, threads, "worker", *common, *workers, "--local-directory", str(scheduler_file.parent)
                )
            ),
        ]

        def processes_alive() -> bool:
            return all(process.poll() is None for process in processes)

        address = wait_for_address(scheduler_file, processes_alive)
        client = stack.enter_context(Client(address, timeout=SECONDS_TO_START, set_as_default=False))
        yield Cluster(client, is_alive=lambda: processes_alive() and client.status == "running", slots=slots)


@contextlib.contextmanager
def _dask_process(home: Path, threads: str, role: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    root = str(Path(cnn.__file__).parents[1])
    environment = {
        **os.environ,
        **DASK_SETTINGS,
        "PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])]),
        "CNN_HOME": str(home),
        "CNN_SERVER_PID": str(os.getpid()),
        "TF_NUM_INTRAOP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        # Waiting threads must not spin: next to other work that made t-SNE several times slower.
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
        # An abrupt end is safe: files are replaced atomically, and jobs resume from their last epoch.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_address(scheduler_file: Path, is_alive: Callable[[], bool]) -> str:
    """The address that a starting scheduler writes to its file.

    Raises:
        JobError: ``is_alive`` turned false, or the address did not appear in ``SECONDS_TO_START``.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while is_alive() and time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return json.loads(scheduler_file.read_text())["address"]
        time.sleep(0.02)
    raise JobError(
        f"The training engine did not start. What it said is in {scheduler_file.parents[1] / 'logs'}; "
        "restart the app once that is put right."
    )
