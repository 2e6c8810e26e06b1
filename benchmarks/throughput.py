"""Thirty visitors each queue a run of five epochs on digits at once: with one, two and four worker processes."""

import os
import statistics
import tempfile
import time
from typing import NamedTuple

import psutil
from dask.system import CPU_COUNT

from benchmarks.harness.reporting import print_result
from cnn.data import catalog
from cnn.jobs import queue
from cnn.jobs.engine import Engine
from cnn.jobs.queue import Job
from cnn.training.config import recipe

PUPILS = 30
SLOTS = (1, 2, 4)
OF_THE_SERVER = max(min(2, CPU_COUNT), CPU_COUNT // 2)  # what a server starts where ``CNN_SLOTS`` is not set
PARTS = ("loading and building", "tracing the first steps", "steps of training", "answers and saving")


class Measured(NamedTuple):
    """Thirty runs.

    Attributes:
        seconds: from the first in the queue to the end of the last.
        used: CPU seconds of all processes of the engine meanwhile.
        finished: how many of them finished.
        parts: mean seconds that a run spent on each of ``PARTS``.
    """

    seconds: float
    used: float
    finished: int
    parts: tuple[float, ...]


def run() -> None:
    """Print the time until the last run has ended, how much of the cores it took, and what a run spends it on."""
    measured = {slots: _measure(slots) for slots in SLOTS}
    for slots, result in measured.items():
        goal = 240 if slots == OF_THE_SERVER else None
        workers = f"{slots} worker{'s' if slots > 1 else ''}"
        print_result(f"{PUPILS} runs, {workers}: the last one done after", result.seconds, "s", at_most=goal)
        print_result("    runs that finished", result.finished, "runs", at_least=PUPILS)
        print_result("    times as fast as one worker", measured[SLOTS[0]].seconds / result.seconds, "")
        print_result(f"    of the time of {CPU_COUNT} cores", 100 * result.used / (result.seconds * CPU_COUNT), "%")
        for part, seconds in zip(PARTS, result.parts, strict=True):
            print_result(f"    of a run: {part}", 100 * seconds / sum(result.parts), "%")


def _measure(slots: int) -> Measured:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ |= {"CNN_HOME": home, "CNN_SLOTS": str(slots)}
        catalog.prepare("digits", lambda event: None, lambda: False)
        engine = Engine.start()
        try:
            # As many as there are workers, so that each has loaded TensorFlow.
            _wait_for([_submit(f"warm-up {index}", index) for index in range(slots)])
            used, started = _cpu_seconds(), time.perf_counter()
            ids = [_submit(f"pupil {index}", index) for index in range(PUPILS)]
            _wait_for(ids)
            seconds, used = time.perf_counter() - started, _cpu_seconds() - used
        finally:
            engine.close()
        jobs = [queue.read(id) for id in ids]
        finished = [job for job in jobs if job.state == "finished"]
        parts = zip(*map(_parts, finished), strict=True)
        return Measured(seconds, used, len(finished), tuple(map(statistics.mean, parts)))


def _parts(job: Job) -> tuple[float, ...]:
    """Seconds that a run spent on each of ``PARTS``; an epoch's steps take as long as those of the median epoch."""
    events, _ = queue.read_events(job.id)
    built = next(event["t"] for event in events if event["type"] == "start")
    epochs = [event for event in events if event["type"] == "epoch"]
    trained = epochs[-1]["t"]
    steps = len(epochs) * statistics.median(epoch["seconds"] for epoch in epochs)
    assert job.started is not None
    return built - job.started, max(0.0, trained - built - steps), min(steps, trained - built), job.since - trained


def _cpu_seconds() -> float:
    """CPU seconds that the engine's processes have used since they began."""
    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return sum(each.user + each.system for each in times)


def _wait_for(ids: list[str]) -> None:
    while any(queue.read(id).state in queue.ACTIVE for id in ids):
        time.sleep(0.1)


def _submit(workspace: str, seed: int) -> str:
    config = recipe("digits", "tutorial", epochs=5, seed=seed)
    return queue.submit("train", config.to_dict(), workspace=workspace, name="Digits", seconds_expected=4)
