"""Times two processes on a noisy machine by letting them run in turn, a few seconds each.

The speed of a shared machine changes by a third within minutes, so two runs one after the other are not
comparable. In turn, with one process stopped while the other runs, both have the whole machine and the same conditions.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

SECONDS_PER_TURN = 2.0
SECONDS_BETWEEN_CHECKS = 0.1  # checking more often would slow down the process being timed


def run_in_turn(pids: tuple[int, int], is_done: tuple[Callable[[], bool], Callable[[], bool]]) -> list[float]:
    """Let two processes run in turn, beginning with the first, until both are done; both are left running.

    Args:
        pids: of the two processes.
        is_done: for each, whether it has finished the timed work.

    Returns:
        The seconds that each of them ran.
    """
    seconds = [0.0, 0.0]
    remaining = [0, 1]
    try:
        os.kill(pids[1], signal.SIGSTOP)
        while remaining:
            for index in list(remaining):
                os.kill(pids[index], signal.SIGCONT)
                started = time.perf_counter()
                while not (ended := is_done[index]()) and time.perf_counter() - started < SECONDS_PER_TURN:
                    time.sleep(SECONDS_BETWEEN_CHECKS)
                seconds[index] += time.perf_counter() - started
                if ended:
                    remaining.remove(index)
                else:
                    os.kill(pids[index], signal.SIGSTOP)
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    return seconds
