"""Deletes runs of browsers that have not been back for ``CNN_SWEEP_DAYS``, those that ended first before the others.

Starred runs stay, and so does what another run that stays refers to: the model that was measured, exported or studied.
"""

import shutil
import time
from collections.abc import Iterable
from typing import NamedTuple

from cnn import limits
from cnn.jobs import queue
from cnn.jobs.last_seen import forget, last_seen
from cnn.jobs.queue import Job

DAY = 24 * 3600.0
MOST_AT_ONCE = 50
"""So many are deleted at once, because nothing is dispatched meanwhile."""


class Due(NamedTuple):
    """A run that will be swept if its owner does not come back: the run, and from when on, in Unix seconds."""

    job: Job
    at: float


def due_runs(within: float = 0.0) -> list[Due]:
    """The runs that are to be swept, in this order.

    Args:
        within: so many seconds from now; 0 for those that are swept now.

    Raises:
        ConfigError: ``CNN_SWEEP_DAYS`` is set to something that is no number of days.
    """
    days = limits.limit(limits.SWEEP_DAYS)
    if days == 0:
        return []
    all_jobs = queue.jobs()
    seen = last_seen(all_jobs)
    vanished = {workspace for workspace, at in seen.items() if at + days * DAY <= time.time() + within} - {""}
    may_go = {job.id: job for job in all_jobs if _may_go(job) and job.workspace in vanished}
    _keep_what_is_referred_to(may_go, [job for job in all_jobs if job.id not in may_go])
    due = [Due(job, seen[job.workspace] + days * DAY) for job in may_go.values()]
    return sorted(due, key=lambda run: (run.job.since, run.job.id))


def sweep() -> list[str]:
    """Delete the runs that are due, at most ``MOST_AT_ONCE``; gives their ids.

    Raises:
        ConfigError: as ``due_runs``.
        JobError: the data folder cannot be written to.
    """
    with queue.exclusive("queue"):
        due = due_runs()[:MOST_AT_ONCE]
        taken = [queue.take_away(run.job) for run in due]
        if days := limits.limit(limits.SWEEP_DAYS):
            forget(time.time() - days * DAY)
    for folder in taken:
        shutil.rmtree(folder, ignore_errors=True)
    return [run.job.id for run in due]


def _may_go(job: Job) -> bool:
    """Whether a run may be swept at all; what nobody has taken yet, as from the command line, is no browser's."""
    return job.state not in queue.ACTIVE and not job.starred and job.workspace != ""


def _keep_what_is_referred_to(may_go: dict[str, Job], staying: Iterable[Job]) -> None:
    """Take out of ``may_go`` what a run that stays names in its settings, and what that names, and so on."""
    waiting = list(staying)
    while waiting:
        named = [value for value in waiting.pop().settings.values() if isinstance(value, str)]
        waiting += [may_go.pop(id) for id in named if id in may_go]
