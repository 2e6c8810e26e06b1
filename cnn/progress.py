"""How long work says how far it is: one form of event, which pages draw as a bar."""

from typing import Any


def progress(what: str, done: int, total: int | None, unit: str, seconds_left: float | None = None) -> dict[str, Any]:
    """The event that pages show while a job goes on.

    Args:
        what: what goes on, as a person would say it.
        total: None while it cannot be known.
        unit: of ``done`` and ``total``: "images", "bytes", "epochs".
    """
    return {"type": "progress", "what": what, "done": done, "total": total, "unit": unit, "seconds_left": seconds_left}
