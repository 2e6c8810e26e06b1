"""Who is next: first come first served, fair between workspaces; and how long the others wait."""

import heapq
import json
import math
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cnn.home import home
from cnn.jobs.record import Job, jobs, read


@dataclass(frozen=True)
class QueuePosition:
    """Where a job stands: how many jobs must end before it starts, and in how many seconds (None: not known)."""

    ahead: int
    seconds: float | None


def waiting() -> list[Job]:
    """The queued jobs in the order in which they will run.

    Next is the workspace with the fewest jobs running; of several, the one whose turn came first: when its oldest job
    was queued, or when it was last served if that was later. So a class that asks at once is served in turns, and
    whoever queued five jobs does not have them run before a neighbour's one.
    """
    return _in_order(jobs())


def queue_position(id: str) -> QueuePosition:
    """Where a job stands; ``QueuePosition(0, 0.0)`` once it no longer waits.

    Raises:
        JobError: there is no such job.
    """
    return _place(read(id).id, jobs())


def forecast(workspace: str) -> QueuePosition:
    """Where a job of this workspace would stand if it were submitted now."""
    now = time.time()
    job = Job("", "", workspace, "", now, {}, None, None, "queued", 0, now, None, None, None, None, Path())
    return _place(job.id, [*jobs(), job])


def slots() -> int:
    """How many jobs can run at once now, as the server that carries them last said; 0 while none does."""
    try:
        return int(json.loads((home() / "engine.json").read_bytes())["slots"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _in_order(everything: list[Job]) -> list[Job]:
    running: Counter[str] = Counter()
    served: dict[str, float] = {}
    queues: dict[str, list[Job]] = {}
    for job in everything:
        running[job.workspace] += job.state == "running"
        served[job.workspace] = max(served.get(job.workspace, 0.0), job.started or 0.0)
        if job.state == "queued":
            queues.setdefault(job.workspace, []).append(job)
    turns = []
    for workspace, own in queues.items():
        own.sort(key=_queued_at, reverse=True)
        turns.append((running[workspace], max(own[-1].since, served[workspace]), workspace))
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


def _place(id: str, everything: list[Job]) -> QueuePosition:
    order = [job.id for job in _in_order(everything)]
    if id not in order:
        return QueuePosition(0, 0.0)
    before = order[: order.index(id)]
    running = [job for job in everything if job.state == "running"]
    at_once = max(1, slots())
    expected = {job.id: math.inf if job.seconds_expected is None else job.seconds_expected for job in everything}
    now = time.time()
    free_in = [max(0.0, expected[job.id] - (now - (job.started or now))) for job in running]
    free_in += [0.0] * (at_once - len(running))
    heapq.heapify(free_in)
    for other in before:
        heapq.heapreplace(free_in, free_in[0] + expected[other])
    return QueuePosition(
        ahead=max(0, len(running) + len(before) - at_once + 1),
        seconds=free_in[0] if math.isfinite(free_in[0]) else None,
    )
