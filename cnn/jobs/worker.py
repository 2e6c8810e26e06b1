"""What runs in a Dask worker: one job, from ``queued`` to the state it ends in."""

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

from cnn.errors import CnnError
from cnn.jobs import kinds, queue
from cnn.jobs.record import update_status, write_status
from cnn.progress import Stopped

log = logging.getLogger(__name__)

FULL_DISK = "The disk is full, so the run could not go on. Free some space, then continue it."
CRASHED = "The run broke off because of an error in the program. Its details are in error.log in the run's folder."
STOPPING = "Stopping: putting the last whole epoch in order."
SECONDS_BETWEEN_LOOKS = 1.0

_warming: threading.Thread | None = None


def run_job(home: str, id: str) -> str:
    """Run a job to its end, as its next attempt.

    Args:
        home: ``CNN_HOME`` of the server.
        id: of a queued job, or of a running one whose worker died.

    Returns:
        The state it ended in. The status on disk may still say "running" when the disk is full.
    """
    os.environ["CNN_HOME"] = home
    job = queue.read(id)
    if job.state not in queue.ACTIVE:
        return job.state
    if queue.stop_requested(job.folder):
        return _end(job, "stopped", _stop_reason(job))
    attempt = job.attempt + 1
    write_status(job.folder, "running", attempt=attempt, started=time.time(), pid=os.getpid(), worker=_worker_address())
    job = queue.read(id)
    try:
        _report(job, {"type": "started"})
        if _warming is not None and kinds.is_registered(job.kind):
            _warming.join()  # two threads importing TensorFlow at once can see half of it
        run = kinds.function_of(job.kind)
        run(job.folder, job.settings, functools.partial(_report, job), _should_stop(job))
    except Exception as error:
        return _end(job, *_verdict(job, error))
    return _end(job, "finished")


def warm_up() -> None:
    """Import what jobs need in the background, so that a new worker takes jobs at once and begins them soon."""
    global _warming

    def import_all() -> None:
        for module in kinds.modules_to_warm_up():
            importlib.import_module(module)

    _warming = threading.Thread(target=import_all, daemon=True)
    _warming.start()


def describe(home: str) -> dict[str, Any]:
    """What this process runs on, to compare with the server's: versions, and whether it sees ``CNN_HOME``."""
    packages = ("dask", "distributed", "keras", "numpy", "tensorflow")
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version().rpartition(".")[0], **versions, "home": Path(home).is_dir()}


def _report(job: queue.Job, event: dict[str, Any]) -> None:
    queue.append(job.id, {"attempt": job.attempt, **event})


def _should_stop(job: queue.Job) -> Callable[[], bool]:
    """True once the job was asked to stop, or is no longer this process's: interrupted, or run again elsewhere."""
    seen = lost = False
    looked = time.monotonic()

    def should_stop() -> bool:
        nonlocal seen, lost, looked
        if not seen and queue.stop_requested(job.folder):
            seen = True
            _write(job, "running", STOPPING)
        if not lost and time.monotonic() - looked > SECONDS_BETWEEN_LOOKS:
            lost, looked = not _is_ours(job), time.monotonic()
        return seen or lost

    return should_stop


def _is_ours(job: queue.Job) -> bool:
    try:
        now = queue.read(job.id)
    except CnnError:
        return False
    return now.state in queue.ACTIVE and (now.attempt, now.pid, now.worker) == (job.attempt, job.pid, job.worker)


def _verdict(job: queue.Job, error: Exception) -> tuple[str, str | None]:
    if isinstance(error, Stopped) or queue.stop_requested(job.folder):
        return "stopped", _stop_reason(job)
    if isinstance(error, CnnError):
        return "failed", str(error)
    _write_traceback(job, error)
    return "failed", FULL_DISK if is_full_disk(error) else CRASHED


def is_full_disk(error: BaseException) -> bool:
    """Whether an error says that a disk is full."""
    # TensorFlow and HDF5 report a full disk as errors of their own, with the system's words in them.
    full = (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "errno", None) in full or any(os.strerror(number) in str(error) for number in full)


def _end(job: queue.Job, state: str, reason: str | None = None) -> str:
    if _is_ours(job):
        _write(job, state, reason)
    return state


def _write(job: queue.Job, state: str, reason: str | None) -> None:
    try:
        update_status(job, state, reason)
    except OSError:  # the engine writes it when there is space again
        log.exception("The status of %s could not be written", job.id)


def _stop_reason(job: queue.Job) -> str | None:
    try:
        return (job.folder / "stop").read_text() or None
    except OSError:
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
