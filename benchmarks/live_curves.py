"""A class of thirty watches one run: every second each browser asks for its curves anew."""

import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness.reporting import format_spread, print_result
from benchmarks.harness.visitor import visitor
from cnn.data import catalog
from cnn.jobs import queue
from cnn.training.config import recipe
from tools.running_server import running_server

PUPILS, ROUNDS, EPOCHS = 30, 10, 200
TIMEOUT = 300  # seconds until the run has reported its first epochs


def run() -> None:
    """Print the server's time for all thirty and for one alone, both next to the run itself."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, running_server(Path(home)) as address:
        os.environ["CNN_HOME"] = home
        id = _start_run()
        with ExitStack() as stack:
            pupils = [stack.enter_context(visitor(address, "training", f"run={id}")) for _ in range(PUPILS)]
            pool = stack.enter_context(ThreadPoolExecutor(PUPILS))
            for pupil in pupils:
                pupil()
            alone, together = [], []
            for round_index in range(ROUNDS + 1):
                started = time.perf_counter()
                pupils[0](live=True)
                between = time.perf_counter()
                list(pool.map(lambda pupil: pupil(live=True), pupils))
                if round_index > 0:  # the first round fills caches
                    alone.append(1000 * (between - started))
                    together.append(time.perf_counter() - between)
            if queue.read(id).state != "running":
                raise RuntimeError(f"The run was {queue.read(id).state} before all had watched it.")
            queue.request_stop(id, "benchmark")
            while queue.read(id).state in queue.ACTIVE:
                time.sleep(0.1)
    print_result("thirty who watch a run get its curves anew within", statistics.median(together), "s", at_most=1)
    print(f"    s: {format_spread(together)}\n    one of them alone, ms: {format_spread(alone)}")


def _start_run() -> str:
    """Start a long run on digits, and wait until it has reported three epochs."""
    deadline = time.monotonic() + TIMEOUT
    while not catalog.is_prepared("digits"):
        _wait(deadline)
    config = recipe("digits", "tutorial", epochs=EPOCHS)
    id = queue.submit("train", config.to_dict(), workspace="benchmark", name="Digits", seconds_expected=EPOCHS)
    while sum(event["type"] == "epoch" for event in queue.read_events(id)[0]) < 3:
        _wait(deadline)
    return id


def _wait(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise RuntimeError(f"Nothing was to be watched after {TIMEOUT} seconds.")
    time.sleep(0.2)
