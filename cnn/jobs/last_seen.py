"""When each workspace was last seen: the time of an empty file, touched once an hour at most.

Only workspaces that own a run are noted: when others were here is nobody's business. A file's name is a hash, because
whoever knows a workspace's id owns it.
"""

import hashlib
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cnn.home import home
from cnn.jobs.record import Job, jobs

SECONDS_BETWEEN_NOTES = 3600.0
_BEGAN = "began"
_noted: dict[tuple[Path, str], float] = {}  # by data folder and workspace: when, by a clock that nobody sets


def note_seen(workspace: str) -> None:
    """Note that a workspace's browser is here; costs nothing within an hour of the last time."""
    key, now = (home(), workspace), time.monotonic()
    if now - _noted.get(key, float("-inf")) < SECONDS_BETWEEN_NOTES:
        return
    if len(_noted) > 10_000:
        _noted.clear()
    _noted[key] = now
    if any(job.workspace == workspace for job in jobs()):
        with suppress(OSError):  # a full disk: it is noted an hour later
            (_folder() / _name(workspace)).touch()


def last_seen(of: Iterable[Job]) -> dict[str, float]:
    """When the owner of each of these jobs was last seen, by workspace, in Unix seconds.

    Whoever has queued a job was seen then; and as long as this data folder has noted nobody, everybody counts as seen.
    """
    folder = home() / "seen"
    if not (folder / _BEGAN).exists():
        with suppress(OSError):  # a folder that can only be read is of use as well
            (_folder() / _BEGAN).touch()
    began = _changed(folder / _BEGAN) or time.time()
    seen: dict[str, float] = {}
    for job in of:
        if job.workspace not in seen:
            seen[job.workspace] = max(_changed(folder / _name(job.workspace)), began)
        seen[job.workspace] = max(seen[job.workspace], job.created, job.since)
    return seen


def forget(before: float) -> None:
    """Delete notes from before a Unix time, which tell no more than that there is none since."""
    for path in _folder().iterdir():
        if path.name != _BEGAN and _changed(path) < before:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = home() / "seen"
    folder.mkdir(exist_ok=True)
    return folder


def _name(workspace: str) -> str:
    return hashlib.blake2b(workspace.encode(), digest_size=16, person=b"seen").hexdigest()


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
