"""What a visitor waits for: Home on a fresh server, and a rerun of a page while a job trains."""

import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.harness.reporting import format_spread, print_result
from benchmarks.harness.visitor import visitor
from pages.shell.menu import all_lessons
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

TIMEOUT = 300_000  # milliseconds
RERUNS = 20


def run() -> None:
    """Print how soon Home shows its text, and how much a job slows down reruns, without and with a browser."""
    with sync_playwright() as playwright:
        browser, _ = launch(playwright)
        browser.new_page().close()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, running_server(Path(home)) as address:
            page = browser.new_context(base_url=address).new_page()
            page.set_default_timeout(TIMEOUT)
            started = time.perf_counter()
            page.goto("/")
            page.get_by_text("The lessons, in order").wait_for()
            print_result("Home's text on a fresh server", time.perf_counter() - started, "s", at_most=2)
            expect(page.get_by_text("Ready for a lesson")).to_be_visible(timeout=TIMEOUT)
            _wait_for_datasets(page)
            _time_every_page(address)
            idle = _rerun_times(address, "images"), _click_times(page)
            trainer = browser.new_context(base_url=address).new_page()
            open_page(trainer, "/training?training.set.epochs=30")
            trainer.get_by_role("button", name="Start training").click()
            expect(trainer.get_by_text(re.compile(r"Epoch \d+ of 30"))).to_be_visible(timeout=TIMEOUT)
            # The live charts would load the browser, on the same cores, more than the job loads the server.
            trainer.close()
            busy = _rerun_times(address, "images"), _click_times(page)
        browser.close()
    parts = ("rerun of a page beside a job, the server's part", "the same with a browser on the same cores")
    for what, alone, beside in zip(parts, idle, busy, strict=True):
        print_result(f"{what}, against idle", statistics.median(beside) / statistics.median(alone), "", at_most=1.5)
        print(f"    idle, ms: {format_spread(alone)}\n    beside a job, ms: {format_spread(beside)}")


def _wait_for_datasets(page: Page) -> None:
    """Wait until the data sets that a new server prepares are there."""
    page.goto("/images?dataset=shapes")
    page.get_by_text("Images 1 to 24").wait_for()


def _time_every_page(address: str) -> None:
    """Print the rerun time of each page, and compare the slowest with its goal."""
    medians = {
        lesson.title: statistics.median(_rerun_times(address, Path(lesson.file).stem)) for lesson in all_lessons()[1:]
    }
    slowest = max(medians, key=medians.__getitem__)
    print_result(f"rerun of the slowest page, {slowest}, the server's part", medians[slowest], "ms", at_most=150)
    print("    ms: " + ", ".join(f"{title} {milliseconds:.0f}" for title, milliseconds in medians.items()))


def _rerun_times(address: str, page: str) -> list[float]:
    """Milliseconds from the request for a rerun to its last message, after a first rerun that fills caches."""
    times = []
    with visitor(address, page, "dataset=digits") as rerun:
        rerun()
        for _ in range(RERUNS):
            started = time.perf_counter()
            rerun()
            times.append(1000 * (time.perf_counter() - started))
    return times


def _click_times(page: Page) -> list[float]:
    """Milliseconds from a click on the gallery's next page until that page is shown."""
    open_page(page, "/images?dataset=digits")
    page.get_by_text("Images 1 to 24").wait_for()
    times = []
    for index in range(RERUNS):
        target = 2 - index % 2  # page 2 and page 1 in turn
        first = 1 + 24 * (target - 1)
        started = time.perf_counter()
        page.get_by_role("button", name=re.compile(r"^(Page )?" + str(target) + "$")).click()
        page.get_by_text(re.compile(rf"Images {first} to")).wait_for()
        times.append(1000 * (time.perf_counter() - started))
    return times
