"""Who is next: first come first served, fair between workspaces; and how long the others wait."""

import heapq
import json
import math
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cnn.home import home
from cnn.training.record import ACTIVE, Job, jobs, read


@dataclass(frozen=True)
class Place:
    """Where a job stands: how many jobs must end before it starts, and in how many seconds (None: not known)."""

    ahead: int
    seconds: float | None


def waiting() -> list[Job]:
    """The queued jobs in the order in which they will run.

    Fair means: a job waits for as many rounds as its workspace has jobs before it, running or queued; within a round
    the one that has waited longest is first.
    """
    return _in_order(jobs(states=ACTIVE))


def place(id: str) -> Place:
    """Where a job stands; ``Place(0, 0.0)`` once it no longer waits.

    Raises:
        JobError: there is no such job.
    """
    job = read(id)
    return _place(job, jobs(states=ACTIVE)) if job.state == "queued" else Place(0, 0.0)


def forecast(workspace: str) -> Place:
    """Where a job of this workspace would stand if it were submitted now."""
    now = time.time()
    job = Job("", "", workspace, "", now, {}, None, None, "queued", 0, now, None, None, None, None, Path())
    return _place(job, [*jobs(states=ACTIVE), job])


def slots() -> int:
    """How many jobs run at once, as the server that carries them last said; 1 before it has."""
    try:
        return max(1, int(json.loads((home() / "engine.json").read_bytes())["slots"]))
    except (OSError, ValueError, KeyError, TypeError):
        return 1


def _in_order(active: list[Job]) -> list[Job]:
    turn = Counter(job.workspace for job in active if job.state == "running")
    ranked = []
    for job in sorted((job for job in active if job.state == "queued"), key=lambda job: (job.since, job.created)):
        ranked.append((turn[job.workspace], job.since, job.created, job.id, job))
        turn[job.workspace] += 1
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:-1])]


def _place(job: Job, active: list[Job]) -> Place:
    running = [other for other in active if other.state == "running"]
    order = [other.id for other in _in_order(active)]
    before = order[: order.index(job.id)] if job.id in order else []
    expected = {other.id: math.inf if other.seconds_expected is None else other.seconds_expected for other in active}
    now = time.time()
    free_in = [max(0.0, expected[other.id] - (now - (other.started or now))) for other in running]
    free_in += [0.0] * (slots() - len(running))
    heapq.heapify(free_in)
    for id in before:
        heapq.heapreplace(free_in, free_in[0] + expected[id])
    ahead = max(0, len(running) + len(before) - slots() + 1)
    return Place(ahead, free_in[0] if math.isfinite(free_in[0]) else None)
