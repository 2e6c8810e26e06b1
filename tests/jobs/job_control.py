"""Steps shared by the tests of queue and engine: submit a job, set or read its state, wait."""

import time
from collections.abc import Callable

from cnn.jobs import queue, record

ANN, BOB, CAT = "workspace-ann", "workspace-bob", "workspace-cat"


def submit_training(workspace: str = ANN, **options) -> str:
    """Queue a job that no worker is there to run."""
    return queue.submit("train", {"epochs": 5}, workspace=workspace, name="Digits", **options)


def submit_sample(function: str, workspace: str = ANN, **options) -> str:
    """Queue a job of ``sample_jobs``."""
    return queue.submit(f"sample_jobs:{function}", {}, workspace=workspace, name=function, **options)


def set_state(id: str, state: str, *, attempt: int = 1, started: float | None = None) -> None:
    record.write_status(queue.read(id).folder, state, attempt=attempt, started=started)


def state(id: str) -> str:
    return queue.read(id).state


def epochs(id: str) -> list[tuple[int, int]]:
    """(epoch, attempt) of each epoch that the job has reported."""
    return [(event["epoch"], event["attempt"]) for event in queue.read_events(id)[0] if event["type"] == "epoch"]


def let_finish(*ids: str) -> None:
    """Let jobs of ``sample_jobs:until_stopped`` return."""
    for id in ids:
        (queue.read(id).folder / "go").touch()


def wait_until(condition: Callable[[], object], seconds: float = 100) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)
