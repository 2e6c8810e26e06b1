"""What every Dask process of the local engine does at its start (``--preload``, ``--preload-nanny``)."""

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from distributed import Nanny, Worker

from cnn.jobs.worker import warm_up

NICENESS = 10
SECONDS_BETWEEN_LOOKS = 0.5


def dask_setup(server: Any) -> None:
    """End this process when the web server is gone, whatever it died of; let pages go before training."""
    threading.Thread(target=_end_with, args=(int(os.environ["CNN_SERVER_PID"]),), daemon=True).start()
    if isinstance(server, Nanny):  # its workers inherit it
        step_back()
    if isinstance(server, Worker):
        warm_up()


def step_back() -> None:
    """Have this process, and those it starts, wait for others; it must have a session of its own."""
    # os.nice would add up over the nannies of one process.
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    # Linux may weigh sessions before processes (sched(7), autogroup).
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS))


def _end_with(pid: int) -> None:
    try:
        web_server = psutil.Process(pid)
        while web_server.is_running() and web_server.status() != psutil.STATUS_ZOMBIE:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    except psutil.NoSuchProcess:
        pass
    os._exit(1)
