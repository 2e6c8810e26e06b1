"""The app as on its first day, with a browser: for the programs that photograph and describe its pages."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools.find_browser import launch
from tools.running_server import running_server


@contextmanager
def first_day() -> Iterator[tuple[Browser, str]]:
    """A browser, and the address of a server whose data folder is empty at first; both end with the context."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        running_server(Path(home)) as address,
        sync_playwright() as playwright,
    ):
        browser, _ = launch(playwright)
        yield browser, address
        browser.close()
