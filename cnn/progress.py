"""Progress events of long-running work, and requests to stop it."""

import time
from collections.abc import Callable
from typing import Any

SECONDS_BETWEEN_REPORTS = 0.3

Event = dict[str, Any]
Report = Callable[[Event], None]
"""Receives the events of the work as they occur."""
ShouldStop = Callable[[], bool]
"""Whether a stop of the work was requested; cheap enough to call after every batch."""


class Stopped(Exception):
    """Raised by work that stops on request, after it has cleaned up."""


def progress(what: str, done: int, total: int | None, unit: str, seconds_left: float | None = None) -> Event:
    """The event that pages show as a progress bar.

    Args:
        what: what is being done, shown to users.
        total: None while unknown.
        unit: of ``done`` and ``total``, such as "images", "bytes" or "epochs".
    """
    return {"type": "progress", "what": what, "done": done, "total": total, "unit": unit, "seconds_left": seconds_left}


def progress_meter(report: Report, what: str, total: int, unit: str) -> Callable[..., None]:
    """A function to call after every step, which reports progress at most a few times a second.

    The first call and the one that reaches ``total`` always report. The time left is extrapolated from the average
    speed since the meter was created.

    Returns:
        (done, what = the ``what`` passed here) -> None.
    """
    started = time.monotonic()
    last_report = float("-inf")

    def step(done: int, what: str = what) -> None:
        nonlocal last_report
        now = time.monotonic()
        if done < total and now - last_report < SECONDS_BETWEEN_REPORTS:
            return
        last_report = now
        seconds_left = (now - started) / done * (total - done) if done else None
        report(progress(what, done, total, unit, seconds_left))

    return step


def raise_if_stopped(should_stop: ShouldStop) -> None:
    """Raise ``Stopped`` if a stop was requested."""
    if should_stop():
        raise Stopped
