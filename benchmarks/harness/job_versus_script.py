"""Runs a job of the app and a plain Keras script in turn on the same machine."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from benchmarks.harness.alternating import run_in_turn
from cnn.jobs import queue
from cnn.jobs.dask_preload import lower_priority


class Pair(NamedTuple):
    """The run times of a job and a script, in seconds, and their test accuracies, in percent."""

    job_seconds: float
    script_seconds: float
    job_accuracy: float
    script_accuracy: float

    @property
    def time_ratio(self) -> float:
        """The job's time as a fraction of the script's."""
        return self.job_seconds / self.script_seconds


def run_pair(kind: str, settings: dict[str, Any], module: str, *arguments: str) -> Pair:
    """Run a job in turn with a script, which prints "ready", waits for a line and prints its accuracy as JSON.

    Args:
        kind: the kind of the job.
        settings: the settings of the job.
        module: the module of the script.
        arguments: the arguments of the script.
    """
    with _started_script(module, *arguments) as (script, script_input, script_output):
        id = queue.submit(kind, settings, workspace="benchmark", name="benchmark")
        while (job := queue.read(id)).pid is None:
            time.sleep(0.01)
        script_input.write("go\n")
        script_input.flush()
        seconds = run_in_turn(
            (job.pid, script.pid),
            (
                lambda: queue.read(id).state not in queue.ACTIVE,
                lambda: bool(select.select([script_output], [], [], 0)[0]),
            ),
        )
        accuracy = 100 * json.loads(script_output.readline())["accuracy"]
    return Pair(seconds[0], seconds[1], job_accuracy(id), accuracy)


def run_job(kind: str, settings: dict[str, Any]) -> float:
    """Run a job alone to its end and return its test accuracy in percent."""
    id = queue.submit(kind, settings, workspace="benchmark", name="benchmark")
    while queue.read(id).state in queue.ACTIVE:
        time.sleep(0.02)
    return job_accuracy(id)


def job_accuracy(id: str) -> float:
    """The test accuracy, in percent, of a finished job.

    Raises:
        RuntimeError: the job ended in another state.
    """
    job = queue.read(id)
    if job.state != "finished":
        raise RuntimeError(f"The job ended as {job.state}: {job.reason}")
    test = json.loads((Path(job.folder) / "card.json").read_text())["test"]
    return 100 * test["correct"] / test["count"]


@contextmanager
def _started_script(module: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    """The script, loaded and waiting for a line, with its standard input and output."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    # The same low priority as the app's workers: otherwise the script would have an advantage beside other work.
    script = subprocess.Popen(
        command,
        text=True,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lower_priority,
    )
    assert script.stdin is not None and script.stdout is not None
    try:
        if script.stdout.readline() != "ready\n":
            raise RuntimeError("The plain script did not start.")
        yield script, script.stdin, script.stdout
    finally:
        script.kill()
        script.wait()
