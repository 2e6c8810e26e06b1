"""Runs one job in a Dask worker, from ``queued`` to its end state."""

import errno
import functools
import importlib
import importlib.metadata
import logging
import os
import platform
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import distributed

from cnn.errors import CnnError, DamagedFileError
from cnn.jobs import kinds, queue
from cnn.jobs.record import update_status, write_status
from cnn.progress import Stopped
from cnn.stored_files import read_lines

log = logging.getLogger(__name__)

UNWRITABLE = (
    "The disk is full or can no longer be written to, so the run could not go on. Free some space, or allow writing, "
    "then continue it."
)
CRASHED = "The run broke off because of an error in the program. Its details are in error.log in the run's folder."
STOPPING = "Stopping: putting the last whole epoch in order."
SECONDS_BETWEEN_CHECKS = 1.0

_warm_up_thread: threading.Thread | None = None


def run_job(home: str, id: str) -> str:
    """Run the next attempt of a job to its end.

    Args:
        home: ``CNN_HOME`` of the server.
        id: of a queued job, or of a running one whose worker died.

    Returns:
        The end state. When the disk is full, the status on disk may still be "running".
    """
    os.environ["CNN_HOME"] = home
    job = queue.read(id)
    if job.state not in queue.ACTIVE:
        return job.state
    if queue.stop_requested(job.folder):
        return _finish(job, "stopped", _stop_reason(job))
    attempt = job.attempt + 1
    write_status(job.folder, "running", attempt=attempt, started=time.time(), pid=os.getpid(), worker=_worker_address())
    job = queue.read(id)
    try:
        _report(job, {"type": "started"})
        if _warm_up_thread is not None and kinds.is_registered(job.kind):
            _warm_up_thread.join()  # importing TensorFlow in two threads at once can expose a half-initialized module
        run = kinds.job_function(job.kind)
        run(job.folder, job.settings, functools.partial(_report, job), _should_stop(job))
    except Exception as error:
        return _finish(job, *_end_state(job, error))
    return _finish(job, "finished")


def warm_up() -> None:
    """Import what jobs need in the background: a new worker accepts jobs at once and starts them soon."""
    global _warm_up_thread

    def import_all() -> None:
        for module in kinds.modules_to_warm_up():
            importlib.import_module(module)

    _warm_up_thread = threading.Thread(target=import_all, daemon=True)
    _warm_up_thread.start()


def describe_environment(home: str) -> dict[str, Any]:
    """The versions this process uses, to compare with the server's, and whether it sees ``CNN_HOME`` ("home")."""
    packages = ("dask", "distributed", "keras", "numpy")
    versions = {name: importlib.metadata.version(name) for name in packages} | {"tensorflow": _tensorflow_version()}
    return {"python": platform.python_version().rpartition(".")[0], **versions, "home": Path(home).is_dir()}


def _tensorflow_version() -> str:
    """The version, whichever of its packages is installed: a GPU worker has another one than a server without a GPU."""
    try:
        return importlib.metadata.version("tensorflow")
    except importlib.metadata.PackageNotFoundError:
        return importlib.metadata.version("tensorflow-cpu")


def _report(job: queue.Job, event: dict[str, Any]) -> None:
    queue.append_event(job.id, {"attempt": job.attempt, **event})


def _should_stop(job: queue.Job) -> Callable[[], bool]:
    """A function that is true once a stop was requested, or the job was interrupted or is being run elsewhere."""
    stopping = ownership_lost = False
    checked = time.monotonic()

    def should_stop() -> bool:
        nonlocal stopping, ownership_lost, checked
        if not stopping and queue.stop_requested(job.folder):
            stopping = True
            _write_state(job, "running", STOPPING)
        if not ownership_lost and time.monotonic() - checked > SECONDS_BETWEEN_CHECKS:
            ownership_lost, checked = not _is_own_attempt(job), time.monotonic()
        return stopping or ownership_lost

    return should_stop


def _is_own_attempt(job: queue.Job) -> bool:
    """Whether the attempt on record is still the one that this process runs."""
    try:
        current = queue.read(job.id)
    except CnnError:
        return False
    same_attempt = (current.attempt, current.pid, current.worker) == (job.attempt, job.pid, job.worker)
    return same_attempt and current.state in queue.ACTIVE


def _end_state(job: queue.Job, error: Exception) -> tuple[str, str | None]:
    if isinstance(error, Stopped) or queue.stop_requested(job.folder):
        return "stopped", _stop_reason(job)
    if isinstance(error, CnnError):
        return "failed", str(error)
    _write_traceback(job, error)
    return "failed", UNWRITABLE if is_unwritable(error) else CRASHED


def is_unwritable(error: BaseException) -> bool:
    """Whether an error says that a disk is full or has become read-only."""
    # TensorFlow and HDF5 raise exceptions of their own for such a disk, with the system's message inside.
    codes = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
    return getattr(error, "errno", None) in codes or any(os.strerror(code) in str(error) for code in codes)


def _finish(job: queue.Job, state: str, reason: str | None = None) -> str:
    if _is_own_attempt(job):
        _write_state(job, state, reason)
    return state


def _write_state(job: queue.Job, state: str, reason: str | None) -> None:
    try:
        update_status(job, state, reason)
    except OSError:  # the dispatcher writes it once there is space again
        log.exception("The status of %s could not be written", job.id)


def _stop_reason(job: queue.Job) -> str | None:
    try:
        return "\n".join(read_lines(job.folder / "stop")) or None
    except DamagedFileError:
        return None


def _write_traceback(job: queue.Job, error: Exception) -> None:
    log.error("Job %s broke off", job.id, exc_info=error)
    try:
        (job.folder / "error.log").write_text("".join(traceback.format_exception(error)))
    except OSError:
        log.exception("The traceback of %s could not be written", job.id)


def _worker_address() -> str | None:
    try:
        return distributed.get_worker().address
    except ValueError:
        return None
