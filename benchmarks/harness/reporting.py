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
    return medians([work], rounds)[0]


def medians(works: Sequence[Callable[[], object]], rounds: int = ROUNDS) -> list[float]:
    """Median milliseconds of a call of each, called in turn, after one of each that warms up."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(rounds + 1):
        for work, taken in zip(works, times, strict=True):
            started = time.perf_counter()
            work()
            if number > 0:
                taken.append(1000 * (time.perf_counter() - started))
    return [statistics.median(taken) for taken in times]
