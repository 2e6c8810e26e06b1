"""A class at once: thirty visitors arrive, and then thirty, sixty and a hundred click on all pages beside two jobs.

Takes half an hour: thirty click for twenty minutes, so that it is seen whether any process goes on growing.
"""

import os
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from benchmarks.harness.process_memory import Samples, growth, memory_watched
from benchmarks.harness.reporting import print_result
from benchmarks.harness.visitor import visitor
from cnn.data import catalog
from cnn.jobs import queue
from cnn.training.config import recipe
from pages.shell.menu import all_lessons
from tools.running_server import running_server

PUPILS, ARRIVAL = 30, 4.0  # seconds within which all arrive
CLASSES = {30: (0.4, 0.7), 60: (None, None), 100: (None, None)}  # visitors: seconds of a click, p95 and p99
MINUTES = {30: 20, 60: 2, 100: 2}  # visitors: how long they click
GROWTH_FROM, GROWTH_TO = 5, 19.5  # minutes between which no process may grow by more than MOST_GROWTH
MOST_GROWTH = 0.05
PUPILS_WITH_JOBS, JOBS_EACH = 8, 5  # more runs than two workers can finish meanwhile
PAUSE = (1.0, 4.0)  # seconds between a visitor's clicks
CLICKS = 5  # on a page, before the visitor goes to another
TIMEOUT = 300  # seconds until a server is ready
NETWORKS = ("digits-tutorial", "shapes-tutorial")
PAGES = tuple(Path(lesson.file).stem for lesson in all_lessons())


def run() -> None:
    """Print how long opening and clicking take, and how many clicks failed."""
    with fresh_server() as address:
        first = {page: seconds(partial(open_alone, address, page)) for page in PAGES}
        slowest = max(first, key=first.__getitem__)
        print_result(f"opening a page first, alone: the slowest, {slowest}", first[slowest], "s", at_most=2)
        print("    s: " + ", ".join(f"{page} {value:.2f}" for page, value in first.items()))
    with fresh_server() as address:
        opened = arrive(address)
        print_percentiles(f"opening a page when {PUPILS} arrive at once", opened, (2, 4))
    with fresh_server() as address, two_jobs():
        for visitors, goals in CLASSES.items():
            with memory_watched() as samples:
                clicks, errors = click(address, visitors, MINUTES[visitors])
            every = [value for values in clicks.values() for value in values]
            print_percentiles(f"a click of one of {visitors}, two jobs training", every, goals)
            print_result(f"    errors in {len(every):,} clicks", errors, "", at_most=0)
            for page, values in sorted(clicks.items()):
                print(f"    {page:24}" + "".join(f"{name} {value:6.3f}  " for name, value in percentiles(values)))
            print_memory(samples)


@contextmanager
def fresh_server() -> Iterator[str]:
    """The address of a server that is ready, with the data sets it draws by itself prepared."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["CNN_HOME"] = home
        with running_server(Path(home), {"CNN_OPEN_LESSONS": "yes"}) as address:
            wait(lambda: all(map(catalog.is_prepared, ("digits", "shapes"))) and is_ready(address))
            yield address


@contextmanager
def two_jobs() -> Iterator[None]:
    """Runs on digits, of which two train at any time while the block runs."""
    settings = recipe("digits", "tutorial", epochs=200).to_dict()
    for n in range(PUPILS_WITH_JOBS * JOBS_EACH):
        workspace = f"benchmark-{n % PUPILS_WITH_JOBS}"
        queue.submit("train", settings, workspace=workspace, name=f"Digits {n}", seconds_expected=600)
    wait(lambda: len(queue.jobs(states=["running"])) == 2)
    yield
    if not queue.waiting():
        raise RuntimeError("All runs had begun before all had clicked, so perhaps not always two were training.")
    for job in queue.jobs(states=queue.ACTIVE):
        queue.request_stop(job.id, job.workspace)
    wait(lambda: not queue.jobs(states=queue.ACTIVE))


def open_alone(address: str, page: str) -> None:
    """Open a page as a new visitor, by an address without settings."""
    with visitor(address, page) as rerun:
        rerun()


def arrive(address: str) -> list[float]:
    """Seconds that each of a class waits for its page; all come within ``ARRIVAL``, two to each page."""

    def pupil(number: int) -> float:
        time.sleep(ARRIVAL * number / PUPILS)
        return seconds(partial(open_alone, address, PAGES[number % len(PAGES)]))

    with ThreadPoolExecutor(PUPILS) as pool:
        return list(pool.map(pupil, range(PUPILS)))


def click(address: str, visitors: int, minutes: float) -> tuple[dict[str, list[float]], int]:
    """Seconds of each click, by page, of visitors who go from page to page and choose images; and how many failed."""
    clicks: dict[str, list[float]] = defaultdict(list)
    errors: list[Exception] = []
    with ExitStack() as stack:
        sessions = [stack.enter_context(visitor(address, "home")) for _ in range(visitors)]
        end = time.monotonic() + 60 * minutes

        def pupil(number: int) -> None:
            rng, rerun = random.Random(number), sessions[number]
            while time.monotonic() < end and not errors:
                page, network = rng.choice(PAGES), rng.choice(NETWORKS)
                for _ in range(CLICKS):
                    address_of_view = f"{page}?model={network}&picture=validation-{rng.randint(1, 50)}"
                    clicks[page].append(seconds(partial(rerun, to=address_of_view)))
                    time.sleep(rng.uniform(*PAUSE))

        def watched_pupil(number: int) -> None:
            try:
                pupil(number)
            except Exception as error:
                errors.append(error)
                print(f"    {error!r}", flush=True)

        threads = [threading.Thread(target=watched_pupil, args=(number,)) for number in range(visitors)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return clicks, len(errors)


def print_memory(samples: Samples) -> None:
    """Print what each process took at most, and by how much it has grown if it was there for long enough."""
    for name, values in sorted(samples.items()):
        print(f"    {name:24}{max(size for _, size in values) / 1e6:8.0f} MB at most")
        grown = growth(values, 60 * GROWTH_FROM, 60 * GROWTH_TO)
        if grown is not None:
            what = f"    {name}, minute {GROWTH_FROM} to {GROWTH_TO}: growth"
            print_result(what, 100 * grown, "%", at_most=100 * MOST_GROWTH)


def print_percentiles(what: str, values: list[float], goals: tuple[float | None, float | None]) -> None:
    """Print median, 95th and 99th percentile, the latter two with their goals."""
    for (name, value), goal in zip(percentiles(values), (None, *goals), strict=True):
        print_result(f"{what}, {name}", value, "s", at_most=goal)


def percentiles(values: list[float]) -> list[tuple[str, float]]:
    """(name, value) of the 50th, 95th and 99th percentile."""
    cuts = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else [values[0]] * 99
    return [(f"p{n}", cuts[n - 1]) for n in (50, 95, 99)]


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def is_ready(address: str) -> bool:
    """Whether the server says that training and prediction would start at once."""
    try:
        with urlopen(f"{address}/ready") as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not within ``TIMEOUT``.
    """
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("The server is not ready.")
        time.sleep(0.1)
