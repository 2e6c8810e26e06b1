"""What a browser test needs: pages that report their own errors, settled pages, and axe's findings."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

from pages.components.probabilities import shorten_probabilities

# Milliseconds that a job may take on a busy machine.
PATIENCE = 180_000
# Before the app is known to live at the root, Streamlit also looks for itself below a deep link's own address.
# Places of the ways to bring in a picture, among those that the strip of pictures offers.
DRAW, UPLOAD, CAMERA = -3, -2, -1
HARMLESS_404 = re.compile(r"/[^/]+/_stcore/(health|host-config)")
WCAG_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# What a change of colours alone can break.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
STILL = """() => document.getAnimations().every(
    a => a.playState !== "running" || a.effect.getTiming().iterations === Infinity)"""


@contextmanager
def watched_page(browser: Browser, address: str, width: int, height: int) -> Iterator[Page]:
    """A page of a new visitor that fails the test when it ends with an error nobody may see.

    Errors are those of the console, exceptions in the page's scripts, and requests to anywhere but ``address``.

    Raises:
        AssertionError: there were some.
    """
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        permissions=["camera"],
        reduced_motion="reduce",
    )
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and not ("404" in message.text and HARMLESS_404.fullmatch(urlsplit(url).path)):
            errors.append(f"console: {message.text} ({url})")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme.startswith("http") and parts.netloc != urlsplit(address).netloc:
            errors.append(f"request to another place: {request.url}")

    context.on("console", on_console)
    context.on("request", on_request)
    context.on("weberror", lambda found: errors.append(f"script: {found.error}"))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not errors, "\n".join(dict.fromkeys(errors))


def axe_findings(page: Page, rules: Sequence[str] = WCAG_AA) -> list[str]:
    """What axe finds on the page as it stands, one line an element.

    Args:
        page: a page that has finished.
        rules: tags of rules, or ids of single ones; unless told, WCAG 2.1 levels A and AA.
    """
    page.wait_for_function(STILL)
    found = Axe().run(page, options={"runOnly": list(rules), "resultTypes": ["violations"]}).response
    return [
        f"{rule['id']}: {node['target']}: {' '.join(node['failureSummary'].split())}: {node['html'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def with_numbers(*numbers: object) -> re.Pattern[str]:
    """Matches a text that has these numbers, in this order, and no others, whatever its words are.

    Args:
        numbers: as the text writes them, such as ``f"{count:,}"``; a negative one with "−".
    """
    words = r"[^\d−]"
    inside = rf"{words}+".join(re.escape(str(number)) for number in numbers)
    return re.compile(rf"^{words}*{inside}{words}*$")


def sure(probability: float) -> str:
    """A pattern for a probability as a component writes it: in per cent, with a word before a 99 or 1 that is not."""
    probability = shorten_probabilities(np.array(probability))  # as it is sent to the component
    if 0 < probability < 0.005 or 0.995 <= probability < 1:
        return rf"[^\W\d]+\s{1 if probability < 0.5 else 99}\s%"
    return rf"{int(100 * probability + 0.5)}\s%"


def keyed(part: Page | Locator, key: str) -> Locator:
    """What a page shows under a key: a widget, a chart, or a container of text.

    Streamlit makes it a class, in which every other character than a letter, a digit, "_" and "-" is a hyphen.
    """
    return part.locator(".st-key-" + re.sub(r"[^\w-]", "-", key, flags=re.ASCII))


def follow_menu(page: Page, path: str) -> None:
    """Go to another page as a visitor does, by its link in the menu, such as ``training``."""
    page.get_by_test_id("stSidebar").locator(f'a[href="{path}"]').click()
    page.wait_for_url(re.compile(rf"/{path}(\?|$)"))


def press_escape(page: Page) -> None:
    """Press Escape as somebody does who sees an open dialog: it hears keys only once it has taken the focus."""
    page.locator("[role=dialog]:focus-within").wait_for()
    page.keyboard.press("Escape")


def press_projector_key(page: Page) -> None:
    """Press the key that turns projector mode on and off, once the page listens for it."""
    page.wait_for_function("document.documentElement.style.getPropertyValue('--projector-zoom') !== ''")
    page.keyboard.press("Alt+p")


def open_way(page: Page, place: int) -> None:
    """Open one of the ways to bring in a picture: ``DRAW``, ``UPLOAD`` or ``CAMERA``."""
    keyed(page, "picture.way").get_by_role("radio").nth(place).click()
