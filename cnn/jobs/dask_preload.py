"""Start-up hook of the Dask processes (``--preload``): those of the local engine, and of ``compose.yaml``."""

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
SECONDS_BETWEEN_CHECKS = 0.5


def dask_setup(server: Any) -> None:
    """End this process as soon as the web server that started it is gone, and let pages run before training."""
    if (pid := os.environ.get("CNN_SERVER_PID")) is not None:
        threading.Thread(target=_exit_with, args=(int(pid),), daemon=True).start()
    if isinstance(server, Nanny):  # its workers inherit the priority
        lower_priority()
    if isinstance(server, Worker):
        warm_up()


def lower_priority() -> None:
    """Give other processes precedence over this one and its children; it must lead a session of its own."""
    # os.nice would add up, since one process holds several nannies.
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    # Linux may share the CPU between sessions first, then between their processes (sched(7), autogroup).
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS))


def _exit_with(pid: int) -> None:
    try:
        web_server = psutil.Process(pid)
        while web_server.is_running() and web_server.status() != psutil.STATUS_ZOMBIE:
            time.sleep(SECONDS_BETWEEN_CHECKS)
    except psutil.NoSuchProcess:
        pass
    os._exit(1)
