"""The queue of jobs on disk: first come first served, and fair between workspaces.

Disk holds the truth: whatever happens to a server, a worker or a page, the queue is what lies in ``runs/``. Nothing
here knows who carries a job; see ``cnn.jobs.engine``.
"""

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnn.errors import JobError
from cnn.files import write_json
from cnn.home import home, new_id
from cnn.jobs.events import append as append
from cnn.jobs.events import current as current
from cnn.jobs.events import events as events
from cnn.jobs.record import ACTIVE as ACTIVE
from cnn.jobs.record import Job as Job
from cnn.jobs.record import jobs as jobs
from cnn.jobs.record import read as read
from cnn.jobs.record import runs, write_status
from cnn.jobs.scheduling import QueuePosition as QueuePosition
from cnn.jobs.scheduling import forecast as forecast
from cnn.jobs.scheduling import queue_position as queue_position
from cnn.jobs.scheduling import slots as slots
from cnn.jobs.scheduling import waiting as waiting

MAX_NAME = 80


def max_jobs_per_workspace() -> int:
    """How many jobs one visitor may have queued and running: ``CNN_JOBS_PER_VISITOR``, 5 if not set."""
    return int(os.environ.get("CNN_JOBS_PER_VISITOR", "5"))


def submit(
    kind: str,
    settings: dict[str, Any],
    *,
    workspace: str,
    name: str,
    key: str | None = None,
    seconds_expected: float | None = None,
) -> str:
    """Put a job into the queue.

    Args:
        kind: what to run, see ``cnn.jobs.kinds``.
        settings: passed to the job as it is; must fit into JSON.
        workspace: whose job it is; only they may stop, rename, delete or continue it.
        name: for people to read, 1 to 80 characters.
        key: names the piece of work. While a job with this key is queued or running, no second one is made.
        seconds_expected: how long it will run, for the waiting time of those behind.

    Returns:
        The id of the new job, or of the one that already does this work.

    Raises:
        JobError: the workspace has too many jobs, the name is empty or too long, or the disk is full.
    """
    name = _clean(name)
    with _locked():
        active = jobs(states=ACTIVE)
        for job in active:
            if key is not None and job.key == key:
                return job.id
        _check_limit(active, workspace)
        config = {
            "kind": kind,
            "workspace": workspace,
            "name": name,
            "created": time.time(),
            "settings": settings,
            "key": key,
            "seconds_expected": seconds_expected,
        }
        id = new_id()
        folder = runs() / f".{id}.partial"
        try:
            folder.mkdir()
            write_json(folder / "config.json", config)
            write_status(folder, "queued", attempt=0)
            folder.rename(runs() / id)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return id


def latest(kind: str, key: str) -> Job | None:
    """The newest job of a kind that does the piece of work named by ``key``, however it stands."""
    return next((job for job in jobs(kind=kind) if job.key == key), None)


def stop_requested(folder: Path) -> bool:
    """Whether a job has been asked to stop; 2 microseconds, so ask at every batch."""
    return os.path.exists(f"{folder}/stop")  # noqa: PTH110 - half the time of Path.exists


def request_stop(id: str, workspace: str) -> None:
    """Ask a job to stop. One that still waits is stopped at once; one that has ended stays as it is.

    Raises:
        JobError: there is no such job, it is not this workspace's, or the disk is full.
    """
    with _locked():
        job = _own(id, workspace)
        if job.state in ACTIVE:
            (job.folder / "stop").touch()
        if job.state == "queued":
            write_status(job.folder, "stopped", attempt=job.attempt)


def continue_(id: str, workspace: str) -> None:
    """Queue an interrupted or failed job again; it goes on as its next attempt.

    Raises:
        JobError: there is no such job, it is not this workspace's, did not end that way, the same work is already
            under way, the workspace has too many jobs, or the disk is full.
    """
    with _locked():
        job = _own(id, workspace)
        if job.state not in ("interrupted", "failed"):
            raise JobError(f"This run is {job.state}; only an interrupted or failed run can be continued.")
        active = jobs(states=ACTIVE)
        if job.key is not None and any(other.key == job.key for other in active):
            raise JobError("The same work is already queued or running. Watch that run instead of continuing this one.")
        _check_limit(active, workspace)
        (job.folder / "stop").unlink(missing_ok=True)
        write_status(job.folder, "queued", attempt=job.attempt)


def rename(id: str, workspace: str, name: str) -> None:
    """Give a job another name for people to read.

    Raises:
        JobError: there is no such job, it is not this workspace's, the name is empty or too long, or the disk is full.
    """
    name = _clean(name)
    with _locked():
        folder = _own(id, workspace).folder
        write_json(folder / "config.json", json.loads((folder / "config.json").read_bytes()) | {"name": name})


def delete(id: str, workspace: str) -> None:
    """Delete a job that has ended, and everything in its folder.

    Raises:
        JobError: there is no such job, it is not this workspace's, or it is still queued or running.
    """
    with _locked():
        job = _own(id, workspace)
        if job.state in ACTIVE:
            raise JobError(f"This run is {job.state}. Stop it first, then delete it.")
        doomed = job.folder.with_name(f".{id}.partial")
        job.folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def sweep() -> None:
    """Remove what a crash left half made or half deleted."""
    with _locked():
        for folder in runs().glob(".*.partial"):
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """One change at a time, across threads, processes and servers; a failing disk becomes a sentence."""
    try:
        with (home() / "queue.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise JobError(
            f"The data folder {home()} could not be written to ({error.strerror or error}). "
            "Free some space on its disk, for instance by deleting old runs, and try again."
        ) from error


def _own(id: str, workspace: str) -> Job:
    job = read(id)
    if job.workspace != workspace:
        raise JobError("This run belongs to another visitor: you can watch it, but not change it.")
    return job


def _check_limit(active: list[Job], workspace: str) -> None:
    limit = max_jobs_per_workspace()
    if sum(job.workspace == workspace for job in active) >= limit:
        raise JobError(
            f"You already have {limit} runs queued or running, the most a visitor may have at once. "
            "Wait until one has ended, or stop one."
        )


def _clean(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME:
        raise JobError(f"A name has 1 to {MAX_NAME} characters; this one has {len(name)}. Choose another.")
    return name


def max_seconds_per_job() -> float:
    """How long one attempt of a job may run: ``CNN_JOB_SECONDS``, an hour if not set."""
    return float(os.environ.get("CNN_JOB_SECONDS", "3600"))
