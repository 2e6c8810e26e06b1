"""kill -9 of each process that a run needs, at moments when it hurts."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.queue import Job
from cnn.stored_files import read_object
from tools.faults.run_watch import (
    EPOCHS,
    Moment,
    NotHeld,
    Weights,
    check_finished,
    is_training,
    kill_at,
    last_event,
    queue_run,
    resume_and_finish,
    wait_for_state,
    wait_until,
)

TRIES = 6  # to meet a moment of a few milliseconds


def _before_first_epoch(job: Job) -> bool:
    event = last_event(job)
    return event is not None and event["type"] == "start"


def _while_saving(job: Job) -> bool:
    if not (job.folder / "backup.npz").exists():
        return False
    names = [*os.listdir(job.folder), *os.listdir(job.folder / "epochs")]  # noqa: PTH208 - in a hurry
    return any(name.startswith("partial.") for name in names)


def _between_epochs(job: Job) -> bool:
    event, backup = last_event(job), job.folder / "backup.npz"
    if event is None or event["type"] != "epoch" or event["epoch"] == EPOCHS or not backup.exists():
        return False
    return backup.stat().st_mtime > event["t"] and not _while_saving(job)


def _at_the_end(job: Job) -> bool:
    return (job.folder / "model.keras").exists() and not (job.folder / "card.json").exists()


MOMENTS: dict[str, Moment] = {
    "before its first epoch": _before_first_epoch,
    "in the middle of an epoch": is_training,
    "while an epoch is saved": _while_saving,
    "between two epochs": _between_epochs,
    "at its end, with a model and no card": _at_the_end,
}


def kill_worker(moment: Moment, reference: Weights) -> str:
    """Kill the worker of a run in a moment: the run goes on by itself, in a new worker; says how."""
    for _ in range(TRIES):
        id = queue_run()
        if kill_at(id, moment):
            said = check_finished(id, reference)
            if queue.read(id).attempt == 1:
                raise NotHeld("Nobody noticed that its worker was killed.")
            return said
        wait_for_state(id, "finished")
    raise NotHeld(f"In {TRIES} runs the moment was not met.")


def kill_nanny(reference: Weights) -> str:
    """Kill the process that watches the workers."""
    return _kill_in_training(lambda job: _nanny(job).pid, reference)


def kill_scheduler(reference: Weights) -> str:
    """Kill Dask's scheduler."""
    return _kill_in_training(lambda job: _scheduler(job).pid, reference)


def server_pid() -> int:
    """The process of the server that leads, which runs the queue."""
    return int(read_object(home() / "engine.json")["pid"])


def run_in_training() -> str:
    """Queue a run and wait until it is in the middle of an epoch; its id."""
    for _ in range(TRIES):
        id = queue_run()
        wait_until(partial(_trains_or_has_ended, id), "a run trains")
        if queue.read(id).state == "running":
            return id
    raise NotHeld(f"{TRIES} runs were over before they were seen in the middle of an epoch.")


def _trains_or_has_ended(id: str) -> bool:
    job = queue.read(id)
    return is_training(job) or job.state not in queue.ACTIVE


def _kill_in_training(pid_of: Callable[[Job], int], reference: Weights) -> str:
    id = run_in_training()
    os.kill(pid_of(queue.read(id)), signal.SIGKILL)
    wait_for_state(id, "interrupted")
    said = resume_and_finish(id)
    return f"{said}; {check_finished(id, reference)}"


def _nanny(job: Job) -> psutil.Process:
    """The session's first process, of which the worker is a child or grandchild."""
    assert job.pid is not None
    return psutil.Process(os.getsid(job.pid))


def _scheduler(job: Job) -> psutil.Process:
    server = psutil.Process(server_pid())
    for process in server.children():
        if "scheduler" in process.cmdline():
            return process
    raise NotHeld(f"The server has no scheduler among {[Path(p.name()) for p in server.children()]}.")
