"""Measures times, and prints results with their goals."""

import statistics
import time
from collections.abc import Callable, Sequence

ROUNDS = 15


def print_result(
    name: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
) -> None:
    """Print one line, marked if the goal is missed."""
    goal, is_met = "", True
    if at_most is not None:
        goal, is_met = f"  (goal: at most {at_most:g})", value <= at_most
    if at_least is not None:
        goal, is_met = f"  (goal: at least {at_least:g})", value >= at_least
    print(f"  {name:<66} {value:10.3f} {unit}{goal}{'' if is_met else '  MISSED'}", flush=True)


def format_spread(values: Sequence[float]) -> str:
    """Minimum, median and maximum, for noisy measurements."""
    return f"min {min(values):.3f}, median {statistics.median(values):.3f}, max {max(values):.3f}"


def median_milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of a call in milliseconds, after one to warm up."""
    return alternating_medians([work], rounds)[0]


def alternating_medians(works: Sequence[Callable[[], object]], rounds: int = ROUNDS) -> list[float]:
    """The median time of a call of each function in milliseconds; they alternate, after one call of each to warm up."""
    all_times: list[list[float]] = [[] for _ in works]
    for round_index in range(rounds + 1):
        for work, times in zip(works, all_times, strict=True):
            started = time.perf_counter()
            work()
            if round_index > 0:
                times.append(1000 * (time.perf_counter() - started))
    return [statistics.median(times) for times in all_times]
