"""A short training on a server, from the queue to its weights, and what must be true of it after a fault."""

import io
import os
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.jobs.events import Event
from cnn.jobs.queue import Job
from cnn.requests import runs
from cnn.training.config import recipe

WORKSPACE = "a-visitor-amid-faults-"
EPOCHS = 4
SECONDS_TO_WAIT = 400.0
SAME = 1e-3
"""How far two weights of one value may lie apart: with two threads, sums of a step are added up in another order."""

Moment = Callable[[Job], bool]
Weights = dict[str, np.ndarray]


class NotHeld(AssertionError):
    """Something that must be true after a fault is not; the message says what."""


def queue_run(epochs: int = EPOCHS) -> str:
    """Queue a training on digits; returns its id."""
    return runs.train(recipe("digits", "tutorial", epochs=epochs), WORKSPACE)


def wait_until(condition: Callable[[], object], what: str, seconds: float = SECONDS_TO_WAIT) -> None:
    """Wait for a condition.

    Raises:
        NotHeld: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotHeld(f"In {seconds:.0f} s it did not come about that {what}.")
        time.sleep(0.02)


def wait_for_state(id: str, *states: str) -> Job:
    """Wait until a run is in one of these states; gives the run.

    Raises:
        NotHeld: it ended in another state, or did not get there in time.
    """
    ended = {"finished", "stopped", "failed", "interrupted"}
    wait_until(lambda: queue.read(id).state in {*states, *ended}, f"the run is {' or '.join(states)}")
    job = queue.read(id)
    if job.state not in states:
        raise NotHeld(f"The run is {job.state} instead of {' or '.join(states)}: {job.reason}")
    return job


def kill_at(id: str, moment: Moment) -> bool:
    """Kill (SIGKILL) the worker of a run in a certain moment; whether the moment was met.

    The worker is halted first, and killed if the moment has not passed meanwhile: some are over within milliseconds.
    """
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while time.monotonic() < deadline:
        job = queue.read(id)
        if job.state not in queue.ACTIVE:
            return False
        if job.state != "running" or job.pid is None or not moment(job):
            continue
        os.kill(job.pid, signal.SIGSTOP)
        if moment(job) and queue.read(id).state == "running":
            os.kill(job.pid, signal.SIGKILL)
            return True
        os.kill(job.pid, signal.SIGCONT)
    return False


def is_training(job: Job) -> bool:
    """Whether a run is in the middle of an epoch after its first."""
    event = last_event(job)
    return event is not None and event["type"] == "batch" and event["epoch"] > 1 and event["epoch"] % 1 > 0


def last_event(job: Job) -> Event | None:
    """The newest event that a run has reported."""
    events, _ = queue.read_events(job.id)
    return events[-1] if events else None


def resume_and_finish(id: str) -> str:
    """Continue a run that was said to be interrupted, and wait for its end; says so.

    Raises:
        NotHeld: it is not continued, or does not finish.
    """
    state = queue.read(id).state
    queue.resume(id, WORKSPACE)
    wait_for_state(id, "finished")
    return f"{state}, said so, continued"


def check_finished(id: str, reference: Weights) -> str:
    """Wait for the end of a run and compare it with one that nothing has happened to; describes it.

    Raises:
        NotHeld: it does not finish, an epoch is missing or stands twice, or weights differ.
    """
    job = wait_for_state(id, "finished")
    events = queue.drop_superseded(queue.read_events(id)[0])
    epochs = [event["epoch"] for event in events if event["type"] == "epoch"]
    if epochs != list(range(1, EPOCHS + 1)):
        raise NotHeld(f"Its epochs are {epochs}.")
    difference = largest_difference(weights(job.folder), reference)
    if difference > SAME:
        raise NotHeld(f"Its weights differ by up to {difference:.2g} from those of an undisturbed run.")
    return f"finished at attempt {job.attempt}, weights within {difference:.1g}"


def weights(folder: Path) -> Weights:
    """The weights in a run's Keras file, by name."""
    found: Weights = {}
    with (
        zipfile.ZipFile(folder / "model.keras") as archive,
        h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as h5,
    ):
        h5.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def largest_difference(left: Weights, right: Weights) -> float:
    """The largest difference between two weights of one name; infinite if the names differ."""
    if left.keys() != right.keys():
        return float("inf")
    return max(float(np.abs(left[name] - right[name]).max()) for name in left)


def refusal_of(action: Callable[[], object]) -> str:
    """The sentence with which something is refused.

    Raises:
        NotHeld: it is not refused.
    """
    try:
        action()
    except CnnError as error:
        return str(error)
    raise NotHeld("What should have been refused was not.")
