"""Training in a browser, for the tests that need a run."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PATIENCE, keyed
from tools.browser_page import open_page


def start_training(page: Page, epochs: int) -> None:
    """Start to train the recommended network on digits, and wait until the page shows the new run."""
    open_page(page, f"/training?training.set.epochs={epochs}")
    keyed(page, "training.start").get_by_role("button").click()
    page.wait_for_url(re.compile(r"run="), timeout=PATIENCE)
    expect(keyed(page, "training.replay")).to_have_count(0)


def run_id(page: Page) -> str:
    """The id of the run in the page's address."""
    return str(re.search(r"run=([\w-]+)", page.url).group(1))


def run_result(page: Page) -> Locator:
    """What the run gets right on held-out images, with its sealed exam; there once the run is over."""
    return keyed(page, "training.exam.sealed")
