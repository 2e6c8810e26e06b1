"""Lets the clock of every Python process with this folder on its path jump when a file says so.

The clock of the machine itself belongs to other programs too. Python imports this module at its start, before anything
else can have taken ``time.time`` over. ``time.monotonic`` stays as it is, as it does when a machine's clock is set.
"""

import os
import time

_file = os.environ["FAULTS_CLOCK"]
_now = time.time


def _time() -> float:
    try:
        with open(_file) as file:  # noqa: PTH123 - every process pays for what is imported here
            return _now() + float(file.read() or 0)
    except (OSError, ValueError):
        return _now()


time.time = _time
