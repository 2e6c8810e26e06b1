"""A class of thirty watches one run: every second each browser asks for its curves anew."""

import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness.reporting import figure, spread
from benchmarks.harness.visitor import visitor
from cnn.data import catalog
from cnn.jobs import queue
from cnn.training.config import recipe
from tools.running_server import running_server

PUPILS, ROUNDS, EPOCHS = 30, 10, 200
PATIENCE = 300  # seconds until the run reports its first epochs


def run() -> None:
    """Print how long the server needs for all thirty, beside the run itself, and for one alone."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, running_server(Path(home)) as address:
        os.environ["CNN_HOME"] = home
        id = _a_run_under_way()
        with ExitStack() as stack:
            pupils = [stack.enter_context(visitor(address, "training", f"run={id}")) for _ in range(PUPILS)]
            pool = stack.enter_context(ThreadPoolExecutor(PUPILS))
            for pupil in pupils:
                pupil()
            alone, together = [], []
            for number in range(ROUNDS + 1):
                started = time.perf_counter()
                pupils[0](live=True)
                between = time.perf_counter()
                list(pool.map(lambda pupil: pupil(live=True), pupils))
                if number > 0:  # the first fills caches
                    alone.append(1000 * (between - started))
                    together.append(time.perf_counter() - between)
            if queue.read(id).state != "running":
                raise RuntimeError(f"The run was {queue.read(id).state} before all had watched it.")
            queue.request_stop(id, "benchmark")
            while queue.read(id).state in queue.ACTIVE:
                time.sleep(0.1)
    figure("thirty who watch a run get its curves anew within", statistics.median(together), "s", at_most=1)
    print(f"    s: {spread(together)}\n    one of them alone, ms: {spread(alone)}")


def _a_run_under_way() -> str:
    """A long run on digits that has reported some epochs."""
    until = time.monotonic() + PATIENCE
    while not catalog.is_prepared("digits"):
        _wait(until)
    config = recipe("digits", "tutorial", epochs=EPOCHS)
    id = queue.submit("train", config.to_dict(), workspace="benchmark", name="Digits", seconds_expected=EPOCHS)
    while sum(event["type"] == "epoch" for event in queue.read_events(id)[0]) < 3:
        _wait(until)
    return id


def _wait(until: float) -> None:
    if time.monotonic() > until:
        raise RuntimeError(f"Nothing was to be watched after {PATIENCE} seconds.")
    time.sleep(0.2)
