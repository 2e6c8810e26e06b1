"""The queue of jobs on disk: first come, first served, and fair between workspaces.

The folder ``runs/`` is the single source of truth, whatever happens to a server, a worker or a page. Nothing here knows
who runs a job; see ``cnn.jobs.engine``. Other packages use the queue, its records and events through this module.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnn import limits
from cnn.errors import JobError
from cnn.files import write_json
from cnn.home import home, new_id
from cnn.jobs import job_limits
from cnn.jobs.events import append_event as append_event
from cnn.jobs.events import drop_superseded as drop_superseded
from cnn.jobs.events import read_event_log as read_event_log
from cnn.jobs.events import read_events as read_events
from cnn.jobs.record import ACTIVE as ACTIVE
from cnn.jobs.record import DamagedJob as DamagedJob
from cnn.jobs.record import Job as Job
from cnn.jobs.record import damaged_folders as damaged_folders
from cnn.jobs.record import jobs as jobs
from cnn.jobs.record import read as read
from cnn.jobs.record import runs_folder, write_status
from cnn.jobs.record import workspace_of as workspace_of
from cnn.jobs.scheduling import QueuePosition as QueuePosition
from cnn.jobs.scheduling import forecast as forecast
from cnn.jobs.scheduling import queue_position as queue_position
from cnn.jobs.scheduling import slots as slots
from cnn.jobs.scheduling import waiting as waiting
from cnn.stored_files import read_object
from cnn.typed_text import make_visible

MAX_NAME = 80
_IN_USE = "in-use.lock"


def max_seconds_per_job() -> float:
    """The time limit of one attempt at a job."""
    return limits.limit_in_seconds(limits.JOB_SECONDS)


def submit(
    kind: str,
    settings: dict[str, Any],
    *,
    workspace: str,
    name: str,
    key: str | None = None,
    seconds_expected: float | None = None,
) -> str:
    """Add a job to the queue.

    Args:
        kind: what to run, see ``cnn.jobs.kinds``.
        settings: passed to the job unchanged; must be serializable as JSON.
        workspace: the owner, who alone may stop, rename, delete or resume the job.
        name: shown to people, 1 to 80 characters.
        key: identifies the work. No second job is created while one with this key is queued or running.
        seconds_expected: the expected run time, for the waiting time of the jobs behind it.

    Returns:
        The id of the new job, or of the active one with the same key.

    Raises:
        JobError: a limit of ``cnn.limits`` is reached, the name is empty or too long, or the disk is full.
    """
    name = _normalize_name(name)
    job_limits.run_bytes()  # measured here, so that nobody waits for the queue meanwhile
    with exclusive("queue"):
        active = jobs(states=ACTIVE)
        for job in active:
            if key is not None and job.key == key:
                return job.id
        job_limits.check_number(active, workspace)
        job_limits.check_disk()
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
        folder = runs_folder() / f".{id}.partial"
        try:
            folder.mkdir()
            write_json(folder / "config.json", config)
            write_status(folder, "queued", attempt=0)
            folder.rename(runs_folder() / id)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        job_limits.remember_address(id, active)
        return id


def latest(kind: str, key: str) -> Job | None:
    """The newest job of a kind with this ``key``, in whatever state."""
    return next((job for job in jobs(kind=kind) if job.key == key), None)


def stop_requested(folder: Path) -> bool:
    """Whether a stop of this job was requested; takes 2 microseconds, cheap enough for every batch."""
    return os.path.exists(f"{folder}/stop")  # noqa: PTH110 - half the time of Path.exists


def request_stop(id: str, workspace: str) -> None:
    """Request that a job stop. A queued job is stopped at once; one that has ended is left alone.

    Raises:
        JobError: there is no such job, it is not this workspace's, or the disk is full.
    """
    with exclusive("queue"):
        job = _read_own(id, workspace)
        if job.state in ACTIVE:
            (job.folder / "stop").touch()
        if job.state == "queued":
            write_status(job.folder, "stopped", attempt=job.attempt)


def resume(id: str, workspace: str) -> None:
    """Queue an interrupted or failed job again, as its next attempt.

    Raises:
        JobError: there is no such job, it is not this workspace's, did not end that way, the same work is already
            queued or running, a limit of ``cnn.limits`` is reached, or the disk is full.
    """
    job_limits.run_bytes()
    with exclusive("queue"):
        job = _read_own(id, workspace)
        if job.state not in ("interrupted", "failed"):
            raise JobError(f"This run is {job.state}; only an interrupted or failed run can be continued.")
        active = jobs(states=ACTIVE)
        if job.key is not None and any(other.key == job.key for other in active):
            raise JobError("The same work is already queued or running. Watch that run instead of continuing this one.")
        job_limits.check_number(active, workspace)
        job_limits.check_disk()
        job_limits.remember_address(id, active)
        (job.folder / "stop").unlink(missing_ok=True)
        write_status(job.folder, "queued", attempt=job.attempt)


def rename(id: str, workspace: str, name: str) -> None:
    """Change the name that people see.

    Raises:
        JobError: there is no such job, it is not this workspace's, the name is empty or too long, or the disk is full.
    """
    name = _normalize_name(name)
    with exclusive("queue"):
        folder = _read_own(id, workspace).folder
        write_json(folder / "config.json", read_object(folder / "config.json") | {"name": name})


def star(id: str, workspace: str, *, starred: bool) -> None:
    """Star a job, which keeps it from being swept, or take its star away.

    Raises:
        JobError: there is no such job, it is not this workspace's, or the disk is full.
    """
    with exclusive("queue"):
        folder = _read_own(id, workspace).folder
        write_json(folder / "config.json", read_object(folder / "config.json") | {"starred": starred})


def claim(id: str, workspace: str) -> None:
    """Give a job that is nobody's, as the command line makes them, to a workspace.

    Raises:
        JobError: there is no such job, it is another workspace's, or the disk is full.
    """
    with exclusive("queue"):
        job = read(id)
        if job.workspace not in ("", workspace):
            raise JobError("Another visitor has taken this already: you can use it, but not change it.")
        config = read_object(job.folder / "config.json")
        write_json(job.folder / "config.json", config | {"workspace": workspace})


def delete(id: str, workspace: str) -> None:
    """Delete a job that has ended or is damaged, together with its folder.

    Raises:
        JobError: there is no such job, it is not this workspace's, or it is still queued or running.
    """
    with exclusive("queue"):
        own = next((each for each in damaged_folders() if each.id == id and each.workspace == workspace), None)
        job = own or _read_own(id, workspace)
        if isinstance(job, Job) and job.state in ACTIVE:
            raise JobError(f"This run is {job.state}. Stop it first, then delete it.")
        partial = take_away(job)
    shutil.rmtree(partial, ignore_errors=True)


def take_away(job: Job | DamagedJob) -> Path:
    """Take a job out of every list, within ``exclusive("queue")``; gives its folder, which is to be deleted then."""
    partial = job.folder.with_name(f".{job.id}.partial")
    job.folder.rename(partial)
    return partial


@contextlib.contextmanager
def folder_for_new_job(id: str) -> Iterator[Path]:
    """A folder in which to make a job that no worker runs; it becomes the job's own unless the block raises.

    Yields:
        The folder, empty. A server that starts meanwhile does not take it for a leftover.

    Raises:
        JobError: the data folder cannot be written to.
    """
    folder = runs_folder() / f".{id}.partial"
    with contextlib.ExitStack() as stack:
        with exclusive("queue"):
            folder.mkdir()
            lock = stack.enter_context((folder / _IN_USE).open("a"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
            made = folder.rename(runs_folder() / id)  # still locked, so no server takes it for a leftover meanwhile
            (made / _IN_USE).unlink()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def remove_leftovers() -> None:
    """Remove job folders that a crash left half created or half deleted."""
    with exclusive("queue"):
        for folder in runs_folder().glob(".*.partial"):
            if not _is_in_use(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_in_use(folder: Path) -> bool:
    try:
        with (folder / _IN_USE).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


@contextlib.contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Let one at a time into the blocks of this name, across threads, processes and servers.

    Args:
        name: what is locked. "queue" is locked by the functions here, so the block of another name may call them.

    Raises:
        JobError: instead of an ``OSError``, raised here or in the block.
    """
    try:
        with (home() / f"{name}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise JobError(
            f"The data folder {home()} could not be written to ({error.strerror or error}). "
            "Free some space on its disk, for instance by deleting old runs, and try again."
        ) from error


def _read_own(id: str, workspace: str) -> Job:
    job = read(id)
    if job.workspace != workspace:
        raise JobError("This run belongs to another visitor: you can watch it, but not change it.")
    return job


def _normalize_name(name: str) -> str:
    name = make_visible(name)
    if not 1 <= len(name) <= MAX_NAME:
        raise JobError(f"A name has 1 to {MAX_NAME} characters; this one has {len(name)}. Choose another.")
    return name
