"""Progress events of long-running work, and how it is asked to stop."""

import time
from collections.abc import Callable
from typing import Any

SECONDS_BETWEEN_REPORTS = 0.3

Event = dict[str, Any]
Report = Callable[[Event], None]
"""Takes the events of a piece of work as they come."""
ShouldStop = Callable[[], bool]
"""Whether a piece of work has been asked to stop; cheap enough to ask after every batch."""


class Stopped(Exception):
    """Raised by work that was asked to stop, once nothing half done is left behind."""


def progress(what: str, done: int, total: int | None, unit: str, seconds_left: float | None = None) -> Event:
    """The event that pages draw as a progress bar.

    Args:
        what: what is being done, in words for the reader.
        total: None while it is not known.
        unit: of ``done`` and ``total``: "images", "bytes", "epochs".
    """
    return {"type": "progress", "what": what, "done": done, "total": total, "unit": unit, "seconds_left": seconds_left}


def progress_meter(report: Report, what: str, total: int, unit: str) -> Callable[..., None]:
    """A function to call after every step with how much is done; it reports a few times a second at most.

    The first call and the one that reaches ``total`` are always reported. The time left is reckoned from the pace since
    the meter was made.

    Returns:
        (done, what = the ``what`` given here) -> None.
    """
    started = time.monotonic()
    reported = float("-inf")

    def step(done: int, what: str = what) -> None:
        nonlocal reported
        now = time.monotonic()
        if done < total and now - reported < SECONDS_BETWEEN_REPORTS:
            return
        reported = now
        seconds_left = (now - started) / done * (total - done) if done else None
        report(progress(what, done, total, unit, seconds_left))

    return step


def raise_if_stopped(should_stop: ShouldStop) -> None:
    """Raise ``Stopped`` if the work has been asked to stop."""
    if should_stop():
        raise Stopped
