"""How a figure is taken and printed: the number, what it is held against, and whether it holds."""

import statistics
import time
from collections.abc import Callable, Sequence

ROUNDS = 15


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


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median milliseconds of a call, after one that warms up."""
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)
