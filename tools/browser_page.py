"""Opens pages of the running app in a real browser; for tests, benchmarks and screenshots."""

from playwright.sync_api import Page

# A page whose script has not started also shows notRunning, but has no elements; skeletons stand for pending parts.
SETTLED = (
    '[data-testid=stApp][data-test-script-state="notRunning"]:has([data-testid=stElementContainer])'
    ":not(:has([data-testid=stSkeleton]))"
)


def wait_until_settled(page: Page) -> None:
    """Wait until the page's script has finished.

    Right after a click the page may still look settled, because the rerun has not started. So wait first for what the
    click should show (``expect``), then call this before reading the whole page.
    """
    page.locator(SETTLED).wait_for(state="attached", timeout=120_000)


def open_page(page: Page, path: str) -> None:
    """Load ``path``, such as ``/training?level=lab``, from the server and wait until the page has settled."""
    page.goto(path)
    wait_until_settled(page)
