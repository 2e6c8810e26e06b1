"""Memory of all the app's processes together while one CIFAR-10 job trains and a visitor predicts.

Measured as proportional set size, so pages shared by processes count once. Needs CIFAR-10 prepared (``TFDS_DATA_DIR``).
"""

import re
import time

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.harness.data_folder import home_with_cifar10
from benchmarks.harness.reporting import print_result
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

TIMEOUT = 300_000  # milliseconds


def run() -> None:
    """Print the highest total."""
    with home_with_cifar10() as home:
        if home is None:
            return
        before = {process.pid for process in psutil.Process().children(recursive=True)}
        with running_server(home) as address, sync_playwright() as playwright:
            browser, _ = launch(playwright)
            page = browser.new_context(base_url=address).new_page()
            page.set_default_timeout(TIMEOUT)
            highest = _peak_memory(page, before)
            browser.close()
    print_result("memory of all processes, CIFAR-10 job and a prediction", highest / 1e9, "GB", at_most=2.2)


def _peak_memory(page: Page, before: set[int]) -> float:
    """The highest total in bytes, without the processes that ran ``before``."""
    open_page(page, "/training?dataset=cifar10")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text(re.compile(r"Epoch 1 of"))).to_be_visible(timeout=TIMEOUT)
    open_page(page, "/predict?model=cifar10-tutorial")
    expect(page.get_by_text(re.compile("It says"))).to_be_visible(timeout=TIMEOUT)
    highest, deadline = 0.0, time.monotonic() + 20
    while time.monotonic() < deadline:
        highest = max(highest, _total_memory(before))
        time.sleep(0.5)
    return highest


def _total_memory(before: set[int]) -> float:
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            command = " ".join(process.cmdline())
            if process.pid not in before and "chrom" not in command and "playwright" not in command:
                total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total
