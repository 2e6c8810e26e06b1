"""A job of the app and a plain Keras script, in turn on the same machine."""

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

from benchmarks.harness.alternating import in_turn
from cnn.jobs import queue
from cnn.jobs.dask_preload import lower_priority


class Pair(NamedTuple):
    """What a job and the script beside it took, in seconds, and their test accuracies, in percent."""

    job: float
    script: float
    job_accuracy: float
    script_accuracy: float


def pair(kind: str, settings: dict[str, Any], module: str, *arguments: str) -> Pair:
    """Run a job in turn with a script, which says "ready", waits for a line and answers with its accuracy as JSON.

    Args:
        kind: of the job.
        settings: of the job.
        module: the script.
        arguments: of the script.
    """
    with _script(module, *arguments) as (script, order, answer):
        id = queue.submit(kind, settings, workspace="benchmark", name="benchmark")
        while (job := queue.read(id)).pid is None:
            time.sleep(0.01)
        order.write("go\n")
        order.flush()
        seconds = in_turn(
            (job.pid, script.pid),
            (lambda: queue.read(id).state not in queue.ACTIVE, lambda: bool(select.select([answer], [], [], 0)[0])),
        )
        accuracy = 100 * json.loads(answer.readline())["accuracy"]
    return Pair(seconds[0], seconds[1], job_accuracy(id), accuracy)


def finished(kind: str, settings: dict[str, Any]) -> float:
    """Run a job alone to its end; its test accuracy in percent."""
    id = queue.submit(kind, settings, workspace="benchmark", name="benchmark")
    while queue.read(id).state in queue.ACTIVE:
        time.sleep(0.02)
    return job_accuracy(id)


def job_accuracy(id: str) -> float:
    """Test accuracy, in percent, of a job that has finished.

    Raises:
        RuntimeError: it ended otherwise.
    """
    job = queue.read(id)
    if job.state != "finished":
        raise RuntimeError(f"The job ended as {job.state}: {job.reason}")
    test = json.loads((Path(job.folder) / "card.json").read_text())["test"]
    return 100 * test["correct"] / test["count"]


@contextmanager
def _script(module: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    """The plain script, loaded and waiting for a line, with its ends of that line and of its answer."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    # As polite as the app's workers: beside other work the one that is not would win by that alone.
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
