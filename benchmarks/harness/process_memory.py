"""How much memory each process of a running server takes, and how that grows."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

SECONDS_BETWEEN = 15.0
# By a part of the command line, the first that fits; the workers' own processes are children of their nanny.
ROLES = {"streamlit run": "server", "dask scheduler": "scheduler", "dask worker": "nanny", "spawn_main": "worker"}

Samples = dict[str, list[tuple[float, int]]]
"""By process: seconds since the first sample, and bytes (resident set size)."""


@contextmanager
def memory_watched() -> Iterator[Samples]:
    """Watch the server that this process has started, while the block runs.

    Yields:
        What has been seen so far; read it after the block.
    """
    samples: Samples = defaultdict(list)
    ended = threading.Event()
    began = time.monotonic()

    def watch() -> None:
        pause = 0.0
        while not ended.wait(pause):
            pause = SECONDS_BETWEEN
            for name, size in memory_by_process().items():
                samples[name].append((time.monotonic() - began, size))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield samples
    finally:
        ended.set()
        watcher.join()


def memory_by_process() -> dict[str, int]:
    """Bytes of each process of the server, by role and number, as in "worker 12345"."""
    sizes: dict[str, int] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            command = " ".join(process.cmdline())
            role = next((role for part, role in ROLES.items() if part in command), None)
            if role is not None:
                sizes[f"{role} {process.pid}"] = process.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return sizes


def growth(samples: list[tuple[float, int]], since: float, until: float) -> float | None:
    """By which share a process has grown between two moments, in seconds; None if it was not there at both."""
    at = [next((size for seconds, size in samples if seconds >= moment), None) for moment in (since, until)]
    return None if at[0] is None or at[1] is None else at[1] / at[0] - 1
