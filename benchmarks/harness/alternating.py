"""Time two processes side by side on a noisy machine: a few seconds each, in turn.

The speed of a shared machine changes by a third within minutes, so one run after the other compares two machines. In
turn, one process stopped while the other runs, both have the whole machine and the same one.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

SECONDS_A_TURN = 2.0
SECONDS_BETWEEN_LOOKS = 0.1  # asking more often takes from the one that is timed


def in_turn(pids: tuple[int, int], done: tuple[Callable[[], bool], Callable[[], bool]]) -> list[float]:
    """Let two processes run in turn, the first one first, until both are done; both are left running.

    Args:
        pids: of the two processes.
        done: for each, whether it has finished what is timed.

    Returns:
        Seconds that each of them ran.
    """
    seconds = [0.0, 0.0]
    left = [0, 1]
    try:
        os.kill(pids[1], signal.SIGSTOP)
        while left:
            for this in list(left):
                os.kill(pids[this], signal.SIGCONT)
                started = time.perf_counter()
                while not (ended := done[this]()) and time.perf_counter() - started < SECONDS_A_TURN:
                    time.sleep(SECONDS_BETWEEN_LOOKS)
                seconds[this] += time.perf_counter() - started
                if ended:
                    left.remove(this)
                else:
                    os.kill(pids[this], signal.SIGSTOP)
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    return seconds
