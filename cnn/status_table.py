"""What ``python -m cnn status`` prints: who holds what on a server, and its limits."""

import time
from collections import Counter
from dataclasses import asdict
from typing import Any

from cnn.free_space import free_bytes
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.sweep import DAY, due_runs
from cnn.limits import LIMITS, MEGABYTE, limit, limit_in_seconds
from cnn.requests.usage import usage_by_workspace

SHORT = 8  # characters of a workspace's id, with which nobody can act in its name
DAYS_AHEAD = 14  # for which it is said what will be swept
_COLUMNS = {
    "running": "running",
    "waiting": "waiting",
    "runs": "runs",
    "run_bytes": "MB",
    "own_sets": "own sets",
    "own_bytes": "MB",
}


def status() -> dict[str, Any]:
    """Who holds what, as JSON types: ``visitors``, ``waiting`` jobs, ``free_bytes`` of the disk, ``limits``;
    in ``damaged`` the folders of runs that cannot be read and whose owner cannot delete them in the app;
    in ``to_be_swept`` the runs that will be deleted soon unless their browser comes back, with when, in Unix seconds.

    Raises:
        CnnError: the data folder cannot be read, or a limit is set to something that is none.
    """
    usage = usage_by_workspace()
    return {
        "home": str(home()),
        "visitors": [{"workspace": _short(workspace), **asdict(held)} for workspace, held in usage.items()],
        "waiting": len(queue.waiting()),
        "free_bytes": free_bytes(home()),
        "damaged": [str(job.folder) for job in queue.damaged_folders() if not job.workspace],
        "to_be_swept": [
            {"id": run.job.id, "workspace": _short(run.job.workspace), "at": round(run.at)}
            for run in due_runs(DAYS_AHEAD * DAY)
        ],
        "limits": {name: _limit(name) for name in LIMITS},
    }


def status_lines(status: dict[str, Any]) -> list[str]:
    """``status`` as lines of plain text."""
    visitors = status["visitors"]
    total = {"workspace": "all"} | {name: sum(visitor[name] for visitor in visitors) for name in _COLUMNS}
    width = max(map(len, LIMITS))
    return [
        f"Data folder: {status['home']}",
        "",
        f"{'workspace':10}" + "".join(f"{heading:>10}" for heading in _COLUMNS.values()),
        *map(_row, [*visitors, total]),
        "",
        f"Jobs that wait: {status['waiting']:,}",
        f"Free on the disk: {status['free_bytes'] // MEGABYTE:,} MB",
        "",
        *_sweep_lines(status["to_be_swept"]),
        "",
        *_damage_lines(status["damaged"]),
        "Limits",
        *(
            f"{name:{width}}  {status['limits'][name]:>7,} {each.unit:8}  {each.meaning}"
            for name, each in LIMITS.items()
        ),
    ]


def _sweep_lines(runs: list[dict[str, Any]]) -> list[str]:
    """What will be deleted, by workspace; the workspace that is gone for longest comes first."""
    if not runs:
        return [f"Runs to be deleted within {DAYS_AHEAD} days: none"]
    times = {run["workspace"]: run["at"] for run in runs}
    counts = Counter(run["workspace"] for run in runs)
    return [
        f"Runs to be deleted within {DAYS_AHEAD} days, unless their browser comes back or stars them: {len(runs):,}",
        *(
            f"{workspace:10}{counts[workspace]:>10}  from {time.strftime('%d %b %Y', time.localtime(at))} on"
            for workspace, at in sorted(times.items(), key=lambda item: item[1])
        ),
    ]


def _damage_lines(folders: list[str]) -> list[str]:
    """Which folders only who runs the server can delete; nothing without any."""
    if not folders:
        return []
    return ["Damaged runs, of which not even the owner can be read; delete their folders by hand", *folders, ""]


def _limit(name: str) -> float:
    return limit_in_seconds(name) if LIMITS[name].unit == "seconds" else limit(name)


def _short(workspace: str) -> str:
    return workspace[:SHORT] or "nobody"


def _row(visitor: dict[str, Any]) -> str:
    cells = (f"{visitor[name] / MEGABYTE:,.1f}" if name.endswith("bytes") else str(visitor[name]) for name in _COLUMNS)
    return f"{visitor['workspace']:10}" + "".join(f"{cell:>10}" for cell in cells)
