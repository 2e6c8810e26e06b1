"""A server that is killed, two servers on one data folder, and a clock that jumps."""

import os
import signal
from pathlib import Path

from cnn.home import home
from cnn.jobs import queue
from tools.faults.kills import run_in_training, server_pid
from tools.faults.run_watch import Weights, check_finished, resume_and_finish, wait_for_state, wait_until
from tools.faults.visit import open_pages
from tools.running_server import running_server

ENVIRONMENT = {"CNN_SLOTS": "1", "CNN_JOBS_PER_VISITOR": "50", "CNN_FREE_DISK_MEGABYTES": "1"}
FEW = ("home", "training", "models")
TWO_HOURS = 7_200


def kill_server(reference: Weights) -> str:
    """Kill a server in the middle of a run, and start another on the same data folder."""
    with running_server(home(), ENVIRONMENT) as address:
        open_pages(address, pages=("home",))
        id = run_in_training()
        os.kill(server_pid(), signal.SIGKILL)
    with running_server(home(), ENVIRONMENT) as address:
        open_pages(address, f"run={id}", FEW)
        wait_for_state(id, "interrupted")
        said = resume_and_finish(id)
    return f"{said} by the next server; {check_finished(id, reference)}"


def kill_leading_server(reference: Weights) -> str:
    """Kill the one of two servers that runs the queue, in the middle of a run: the other takes over."""
    with running_server(home(), ENVIRONMENT) as first, running_server(home(), ENVIRONMENT) as second:
        for address in (first, second):
            open_pages(address, pages=("home",))
        id = run_in_training()
        leading = server_pid()
        for address in (first, second):
            open_pages(address, f"run={id}", ("training",))
        os.kill(leading, signal.SIGKILL)
        wait_until(lambda: server_pid() != leading and queue.slots() > 0, "the other server runs the queue")
        wait_for_state(id, "interrupted")
        said = resume_and_finish(id)
        follower = _answering(first, second)
        open_pages(follower, f"run={id}", FEW)
    return f"{said} by the other server; {check_finished(id, reference)}"


def jump_clock(reference: Weights) -> str:
    """Set the clock of the server and its workers two hours on, and then back, in the middle of runs."""
    folder = Path(__file__).parent / "jumping_clock"
    clock = home() / "clock"
    environment = {**ENVIRONMENT, "PYTHONPATH": str(folder), "FAULTS_CLOCK": str(clock)}
    clock.write_text("0")
    said = []
    with running_server(home(), environment) as address:
        open_pages(address, pages=("home",))
        for offset in (TWO_HOURS, 0):
            id = run_in_training()
            clock.write_text(str(offset))
            open_pages(address, f"run={id}", FEW)
            said.append(check_finished(id, reference))
            open_pages(address, f"run={id}", FEW)
    return f"on: {said[0]}; back: {said[1]}"


def _answering(*addresses: str) -> str:
    """The one of these servers that is still there."""
    from tools.serve import is_ready

    return next(address for address in addresses if is_ready(int(address.rpartition(":")[2])))
