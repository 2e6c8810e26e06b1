"""How a figure is printed: the number, what it is held against, and whether it holds."""

import statistics
from collections.abc import Sequence


def figure(what: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None) -> None:
    """Print one line; a goal that is missed says so."""
    goal, met = "", True
    if at_most is not None:
        goal, met = f"  (goal: at most {at_most:g})", value <= at_most
    if at_least is not None:
        goal, met = f"  (goal: at least {at_least:g})", value >= at_least
    print(f"  {what:<66} {value:10.3f} {unit}{goal}{'' if met else '  MISSED'}", flush=True)


def spread(values: Sequence[float]) -> str:
    """Minimum, median and maximum, for noisy machines."""
    return f"min {min(values):.3f}, median {statistics.median(values):.3f}, max {max(values):.3f}"
