"""The order of the queue: first come, first served, fair between workspaces; and how long a job waits."""

import heapq
import math
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cnn.errors import DamagedFileError
from cnn.home import home
from cnn.jobs.record import Job, jobs, read
from cnn.stored_files import read_object, whole


@dataclass(frozen=True)
class QueuePosition:
    """A job's position: how many jobs must end before it starts, and in how many seconds (None if unknown)."""

    ahead: int
    seconds: float | None


def waiting() -> list[Job]:
    """The queued jobs in the order in which they will run.

    The workspace with the fewest running jobs comes next. A tie goes to the one that has waited longest: since its
    oldest job was queued, or since its last job started if that was later. So visitors who submit at the same time
    take turns, and nobody's five jobs all run before a neighbour's single one.
    """
    return _sort_by_turn(jobs())


def queue_position(id: str) -> QueuePosition:
    """The position of a job; ``QueuePosition(0, 0.0)`` once it is no longer queued.

    Raises:
        JobError: there is no such job.
    """
    return _position_among(jobs(), read(id).id)


def forecast(workspace: str) -> QueuePosition:
    """The position that a job of this workspace would have if it were submitted now."""
    now = time.time()
    job = Job("", "", workspace, "", now, {}, None, None, "queued", 0, now, None, None, None, None, Path())
    return _position_among([*jobs(), job], job.id)


def slots() -> int:
    """The number of jobs that can run at once, as last written by the leading server; 0 while there is none."""
    try:
        return whole(read_object(home() / "engine.json"), "slots", 0, 100_000)
    except DamagedFileError:
        return 0


def _sort_by_turn(all_jobs: list[Job]) -> list[Job]:
    running: Counter[str] = Counter()
    last_started: dict[str, float] = {}
    queues: dict[str, list[Job]] = {}
    for job in all_jobs:
        running[job.workspace] += job.state == "running"
        last_started[job.workspace] = max(last_started.get(job.workspace, 0.0), job.started or 0.0)
        if job.state == "queued":
            queues.setdefault(job.workspace, []).append(job)
    turns = []
    for workspace, queue in queues.items():
        queue.sort(key=_queued_at, reverse=True)
        turns.append((running[workspace], max(queue[-1].since, last_started[workspace]), workspace))
    heapq.heapify(turns)
    order: list[Job] = []
    while turns:
        count, _, workspace = turns[0]
        order.append(queues[workspace].pop())
        if queues[workspace]:
            heapq.heapreplace(turns, (count + 1, time.time() + len(order), workspace))
        else:
            heapq.heappop(turns)
    return order


def _queued_at(job: Job) -> tuple[float, float, str]:
    return job.since, job.created, job.id


def _position_among(all_jobs: list[Job], id: str) -> QueuePosition:
    order = [job.id for job in _sort_by_turn(all_jobs)]
    if id not in order:
        return QueuePosition(0, 0.0)
    before = order[: order.index(id)]
    running = [job for job in all_jobs if job.state == "running"]
    slot_count = max(1, slots())
    expected = {job.id: math.inf if job.seconds_expected is None else job.seconds_expected for job in all_jobs}
    now = time.time()
    free_in = [max(0.0, expected[job.id] - (now - (job.started or now))) for job in running]
    free_in += [0.0] * (slot_count - len(running))
    heapq.heapify(free_in)
    for earlier_id in before:
        heapq.heapreplace(free_in, free_in[0] + expected[earlier_id])
    return QueuePosition(
        ahead=max(0, len(running) + len(before) - slot_count + 1),
        seconds=free_in[0] if math.isfinite(free_in[0]) else None,
    )
