"""A class of thirty: thirty visitors each queue a run of five epochs on digits at once."""

import os
import tempfile
import time

from benchmarks.harness.reporting import print_result
from cnn.jobs import queue
from cnn.jobs.engine import Engine
from cnn.training.config import recipe

PUPILS = 30


def run() -> None:
    """Print the time until the last run has ended."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["CNN_HOME"] = home
        engine = Engine.start()
        try:
            first = _submit("warm-up", 0)
            while queue.read(first).state in queue.ACTIVE:
                time.sleep(0.1)
            started = time.perf_counter()
            ids = [_submit(f"pupil {index}", index) for index in range(PUPILS)]
            while any(queue.read(id).state in queue.ACTIVE for id in ids):
                time.sleep(0.2)
            seconds = time.perf_counter() - started
            finished = sum(queue.read(id).state == "finished" for id in ids)
        finally:
            engine.close()
    print_result("thirty runs of five epochs on digits, the last one done after", seconds, "s", at_most=240)
    print_result("runs that finished", finished, "runs", at_least=PUPILS)


def _submit(workspace: str, seed: int) -> str:
    config = recipe("digits", "tutorial", epochs=5, seed=seed)
    return queue.submit("train", config.to_dict(), workspace=workspace, name="Digits", seconds_expected=4)
