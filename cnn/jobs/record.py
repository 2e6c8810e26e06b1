"""The record of a job on disk: ``runs/<id>/`` with ``config.json`` and ``status.json``.

Pages list all jobs once a second, so parsed records are cached by inode, size and modification time of both files. That
is safe because the files are only ever replaced as a whole.
"""

import functools
import logging
import os
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cnn.errors import DamagedFileError, JobError
from cnn.files import FileVersion, file_version, write_json
from cnn.home import home
from cnn.stored_files import LATEST, choice, flag, mapping, number, optional, read_object, text, whole
from cnn.typed_text import make_visible

log = logging.getLogger(__name__)

STATES = ("queued", "running", "finished", "stopped", "interrupted", "failed")
ACTIVE = ("queued", "running")
MOST_ATTEMPTS, MOST_SECONDS, MOST_PROCESSES = 100_000, 1e9, 2**31 - 1


@dataclass(frozen=True)
class Job:
    """A job's record. All times are in Unix seconds; ``settings`` is shared between callers and read-only.

    Whoever has starred a job wants it kept, see ``cnn.jobs.sweep``.
    """

    id: str
    kind: str
    workspace: str
    name: str
    created: float
    settings: dict[str, Any]
    key: str | None
    seconds_expected: float | None
    state: str
    attempt: int
    since: float
    started: float | None
    reason: str | None
    pid: int | None
    worker: str | None
    folder: Path
    starred: bool = False


class DamagedJob(NamedTuple):
    """A folder that should hold a job: its id, and name and owner as far as they can be read.

    Attributes:
        name: the id if it cannot be read.
        workspace: None if it cannot be read.
    """

    id: str
    name: str
    workspace: str | None
    folder: Path


def runs_folder() -> Path:
    """The folder with one subfolder for each job. Created if missing."""
    folder = home() / "runs"
    folder.mkdir(exist_ok=True)
    return folder


def read(id: str) -> Job:
    """The job with this id.

    Raises:
        JobError: there is no such job, or its files cannot be read.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", id) or not (folder := runs_folder() / id).is_dir():
        raise JobError(
            "There is no run with this address. It may have been deleted; the Models page lists those there are."
        )
    job = _read_folder(str(folder))
    if job is None:
        raise JobError("This run's files are damaged and cannot be read. Delete the run, or start a new one.")
    return job


def workspace_of(folder: Path) -> str:
    """The owner of the job with this folder; "", which is nobody, if it is no job's."""
    job = _read_folder(str(folder))
    return job.workspace if job is not None else ""


def damaged_folders() -> list[DamagedJob]:
    """The folders of jobs that cannot be read, in the order of their names."""
    with os.scandir(runs_folder()) as entries:
        folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    paths = sorted(entry.path for entry in folders if not entry.name.startswith("."))
    return [_damaged_job(Path(path)) for path in paths if _read_folder(path) is None]


def _damaged_job(folder: Path) -> DamagedJob:
    try:
        config = read_object(folder / "config.json")
        return DamagedJob(folder.name, make_visible(text(config, "name")), text(config, "workspace"), folder)
    except DamagedFileError:
        return DamagedJob(folder.name, folder.name, None, folder)


def jobs(*, kind: str | None = None, workspace: str | None = None, states: Collection[str] | None = None) -> list[Job]:
    """All matching jobs, newest first. Folders that cannot be read are logged once and left out."""
    with os.scandir(runs_folder()) as entries:
        all_jobs = [_read_folder(entry.path) for entry in entries if not entry.name.startswith(".")]
    matching = [
        job
        for job in all_jobs
        if job is not None
        and (kind is None or job.kind == kind)
        and (workspace is None or job.workspace == workspace)
        and (states is None or job.state in states)
    ]
    return sorted(matching, key=lambda job: (job.created, job.id), reverse=True)


def write_status(
    folder: Path,
    state: str,
    *,
    attempt: int,
    reason: str | None = None,
    started: float | None = None,
    pid: int | None = None,
    worker: str | None = None,
) -> None:
    """Replace a job's ``status.json``, and give the folder of all jobs the time of the change.

    Raises:
        OSError: the disk is full, or the job was deleted; the old status, if any, is untouched.
    """
    status = {
        "state": state,
        "attempt": attempt,
        "since": time.time(),
        "reason": reason,
        "started": started,
        "pid": pid,
        "worker": worker,
    }
    write_json(folder / "status.json", status)
    os.utime(folder.parent)  # whoever has listed the runs sees that one has changed


def update_status(job: Job, state: str, reason: str | None = None) -> None:
    """Replace state and reason in a job's ``status.json``, and keep the rest.

    Raises:
        OSError: as ``write_status``.
    """
    write_status(
        job.folder,
        state,
        attempt=job.attempt,
        reason=reason,
        started=job.started,
        pid=job.pid,
        worker=job.worker,
    )


def _read_folder(folder: str) -> Job | None:
    return _parse(folder, file_version(f"{folder}/config.json"), file_version(f"{folder}/status.json"))


@functools.lru_cache(maxsize=8192)
def _parse(folder: str, config_version: FileVersion, status_version: FileVersion) -> Job | None:
    path = Path(folder)
    try:
        return _checked_job(path, read_object(path / "config.json"), read_object(path / "status.json"))
    except DamagedFileError as error:
        log.warning("Run %s is left out: %s", path.name, error)
        return None


def _checked_job(folder: Path, config: dict[str, Any], status: dict[str, Any]) -> Job:
    """Raises ``DamagedFileError`` for a field that this app would not have written."""
    return Job(
        id=folder.name,
        kind=text(config, "kind"),
        workspace=text(config, "workspace"),
        name=make_visible(text(config, "name")),
        created=number(config, "created", 0, LATEST),
        settings=mapping(config, "settings"),
        key=optional(text, config, "key"),
        seconds_expected=optional(number, config, "seconds_expected", 0, MOST_SECONDS),
        state=choice(status, "state", STATES),
        attempt=whole(status, "attempt", 0, MOST_ATTEMPTS),
        since=number(status, "since", 0, LATEST),
        started=optional(number, status, "started", 0, LATEST),
        reason=optional(text, status, "reason"),
        pid=optional(whole, status, "pid", 1, MOST_PROCESSES),  # 0 and -1 would end other processes than the worker
        worker=optional(text, status, "worker"),
        folder=folder,
        starred=optional(flag, config, "starred") or False,
    )
