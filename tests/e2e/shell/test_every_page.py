"""The shell around the lessons: every page opens, from the menu and by its own address, and axe finds nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import COLOUR_RULES, axe_findings
from tools.browser_page import open_page, wait_until_settled

FILES = (Path(__file__).parents[3] / "pages").glob("*.py")
PATHS = sorted("/" if file.stem == "home" else f"/{file.stem}" for file in FILES if file.stem[0] != "_")
PATHS.remove("/navigation")
FITS = (
    "() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollWidth <= main.clientWidth }"
)
LIGHT = "rgb(251, 250, 247)"  # theme.light.backgroundColor
DARK = "rgb(17, 22, 31)"  # theme.dark.backgroundColor


def menu(page: Page) -> Locator:
    return page.get_by_role("navigation")


def heading(page: Page) -> Locator:
    """The page's own title."""
    return page.get_by_test_id("stMain").get_by_role("heading", level=1)


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")


def in_colours(page: Page, scheme: str, background: str) -> Page:
    """The page when it has taken the colours of ``scheme``."""
    page.emulate_media(color_scheme=scheme)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
    return page


@pytest.mark.parametrize("path", PATHS)
def test_page_opens_cold_and_suits_everyone(phone: Page, path: str):
    """By its own address, as a new visitor, on a phone; then in a laptop's window; in light and in dark."""
    page = phone
    open_page(page, path)
    expect(heading(page)).to_be_visible()
    assert overflow(page) == 0
    assert axe_findings(page) == [], "on a phone"
    assert axe_findings(in_colours(page, "dark", DARK), COLOUR_RULES) == [], "on a phone in the dark theme"

    page.set_viewport_size({"width": 1280, "height": 800})
    expect(menu(page).get_by_role("link").first).to_be_in_viewport()
    assert axe_findings(page) == [], "on a laptop in the dark theme"
    assert axe_findings(in_colours(page, "light", LIGHT), COLOUR_RULES) == [], "on a laptop"
    assert overflow(page) == 0

    for width, height in ((640, 400), (360, 780)):  # a laptop's window at 200 %, and a small phone
        page.set_viewport_size({"width": width, "height": height})
        expect(heading(page)).to_be_visible()
        page.wait_for_function(FITS)


def test_every_menu_entry_opens_its_page(page: Page):
    open_page(page, "/")
    links, titles = menu(page).get_by_role("link"), [heading(page).inner_text()]
    assert links.first.get_attribute("href") == ""  # this page itself
    for entry in range(1, links.count()):
        links.nth(entry).click()
        expect(heading(page)).not_to_have_text(titles[-1])
        titles.append(heading(page).inner_text())
        wait_until_settled(page)
    assert len(set(titles)) == len(titles) == len(PATHS)
