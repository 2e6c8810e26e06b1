"""What a visitor waits for: Home on a fresh server, and a rerun of a page while a job trains."""

import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.harness.reporting import figure, spread
from benchmarks.harness.visitor import visitor
from pages.shell.menu import all_lessons
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

PATIENCE = 300_000
RERUNS = 20


def run() -> None:
    """Print when Home's text is there, and reruns beside a job against idle ones, without and with a browser."""
    with sync_playwright() as playwright:
        browser, _ = launch(playwright)
        browser.new_page().close()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, running_server(Path(home)) as address:
            page = browser.new_context(base_url=address).new_page()
            page.set_default_timeout(PATIENCE)
            started = time.perf_counter()
            page.goto("/")
            page.get_by_text("The lessons, in order").wait_for()
            figure("Home's text on a fresh server", time.perf_counter() - started, "s", at_most=2)
            expect(page.get_by_text("Ready for a lesson")).to_be_visible(timeout=PATIENCE)
            _settle_jobs(page)
            _every_page(address)
            idle = _served(address, "images"), _clicked(page)
            trainer = browser.new_context(base_url=address).new_page()
            open_page(trainer, "/training?training.set.epochs=30")
            trainer.get_by_role("button", name="Start training").click()
            expect(trainer.get_by_text(re.compile(r"Epoch \d+ of 30"))).to_be_visible(timeout=PATIENCE)
            # Its live charts would cost the browser, on the same cores, more than the job costs the server.
            trainer.close()
            busy = _served(address, "images"), _clicked(page)
        browser.close()
    parts = ("rerun of a page beside a job, the server's part", "the same with a browser on the same cores")
    for what, alone, beside in zip(parts, idle, busy, strict=True):
        figure(f"{what}, against idle", statistics.median(beside) / statistics.median(alone), "", at_most=1.5)
        print(f"    idle, ms: {spread(alone)}\n    beside a job, ms: {spread(beside)}")


def _settle_jobs(page: Page) -> None:
    """Wait until the data sets made at the start are there."""
    page.goto("/images?dataset=shapes")
    page.get_by_text("Images 1 to 24").wait_for()


def _every_page(address: str) -> None:
    """Print what a rerun of each page takes, and the slowest against what a class can wait for."""
    taken = {lesson.title: statistics.median(_served(address, Path(lesson.file).stem)) for lesson in all_lessons()[1:]}
    slowest = max(taken, key=taken.__getitem__)
    figure(f"rerun of the slowest page, {slowest}, the server's part", taken[slowest], "ms", at_most=150)
    print("    ms: " + ", ".join(f"{title} {milliseconds:.0f}" for title, milliseconds in taken.items()))


def _served(address: str, page: str) -> list[float]:
    """Milliseconds from a request for a rerun of a page to its last message; the first, which fills caches, apart."""
    times = []
    with visitor(address, page, "dataset=digits") as rerun:
        rerun()
        for _ in range(RERUNS):
            started = time.perf_counter()
            rerun()
            times.append(1000 * (time.perf_counter() - started))
    return times


def _clicked(page: Page) -> list[float]:
    """Milliseconds from a click on the gallery's next page until it is drawn."""
    open_page(page, "/images?dataset=digits")
    page.get_by_text("Images 1 to 24").wait_for()
    times = []
    for number in range(RERUNS):
        first = 1 + 24 * (1 - number % 2)
        started = time.perf_counter()
        page.get_by_role("button", name=re.compile(r"^(Page )?" + str(2 - number % 2) + "$")).click()
        page.get_by_text(re.compile(rf"Images {first} to")).wait_for()
        times.append(1000 * (time.perf_counter() - started))
    return times
