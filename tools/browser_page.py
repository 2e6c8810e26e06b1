"""Pages of the running app in a real browser, opened and settled; for tests, benchmarks and screenshots."""

from playwright.sync_api import Page

# A page that has not begun says notRunning as well, but has no elements yet; skeletons wait for their scripts.
SETTLED = (
    '[data-testid=stApp][data-test-script-state="notRunning"]:has([data-testid=stElementContainer])'
    ":not(:has([data-testid=stSkeleton]))"
)


def settled(page: Page) -> None:
    """Wait until the page's script has run.

    Right after a click the page may still look settled, because the rerun has not begun: wait there for what the
    click should show (``expect``), and call this before reading the whole page.
    """
    page.locator(SETTLED).wait_for(state="attached", timeout=120_000)


def open_page(page: Page, path: str) -> None:
    """Go to ``path``, such as ``/training?level=lab``, cold, and wait until it is settled."""
    page.goto(path)
    settled(page)
