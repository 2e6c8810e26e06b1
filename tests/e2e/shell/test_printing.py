"""A page on paper: no menu, no buttons, no foot; black on white; nothing cut by the window or between sheets."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PATIENCE, keyed, press_projector_key
from tools.browser_page import open_page, wait_until_settled

A4 = {"width": 688, "height": 1017}  # CSS pixels of a sheet within its margins
BLACK, WHITE = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
# Of some pages: what only a screen is for, and the picture that stays; keys of containers, or CSS selectors.
ON_SCREEN = {
    "/predict": (
        ["shell.more", "shell.foot", "picture.strip", '[data-testid="stSidebar"]', '[data-testid="stHeader"]'],
        ".st-key-predict-picture img",
    ),
    "/training?dataset=digits": (
        ["training.start", "shell.foot", '[data-testid="stHeader"]'],
        "training.accuracy_curve",
    ),
    "/images": (["shell.more", "shell.foot", '[data-testid="stSidebar"]'], ".st-key-images-tiles img"),
}


def part(page: Page, name: str) -> Locator:
    return (keyed(page, name) if re.fullmatch(r"\w+(\.\w+)*", name) else page.locator(name)).first


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ON_SCREEN)
def test_only_the_lesson_is_printed(page: Page, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_page(page, path)
    hidden, picture = ON_SCREEN[path]
    for name in hidden:
        expect(part(page, name)).to_be_visible(timeout=PATIENCE)
    expect(part(page, picture)).to_be_visible(timeout=PATIENCE)
    page.emulate_media(media="print")
    for name in hidden:
        expect(part(page, name)).to_be_hidden()
    expect(part(page, picture)).to_be_visible()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_css("color", BLACK)
    expect(keyed(page, "shell.question").get_by_role("paragraph")).to_have_css("color", BLACK)
    for name in ("stApp", "stMain"):
        expect(page.get_by_test_id(name)).to_have_css("background-color", WHITE)


def test_all_of_a_long_page_is_printed(page: Page) -> None:
    open_page(page, "/feature_maps")
    wait_until_settled(page)
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    main = page.get_by_test_id("stMain")
    expect(main).to_have_css("overflow", "visible")
    length = page.evaluate("document.documentElement.scrollHeight")
    assert length > A4["height"]
    file = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", file)) >= 2


@pytest.mark.parametrize("picture", [".st-key-maps-picture img", ".gallery > div"])
def test_no_picture_is_cut_where_a_sheet_ends(page: Page, picture: str) -> None:
    open_page(page, "/feature_maps")
    page.emulate_media(media="print")
    expect(page.locator(picture).first).to_have_css("break-inside", "avoid")


def test_a_page_in_projector_mode_is_printed_at_its_usual_size(page: Page) -> None:
    open_page(page, "/predict")
    question = keyed(page, "shell.question").get_by_role("paragraph")
    press_projector_key(page)
    expect(page.locator(".end-projector-mode")).to_be_visible()
    assert question.evaluate("text => text.currentCSSZoom") > 1
    page.emulate_media(media="print")
    assert question.evaluate("text => text.currentCSSZoom") == 1
    expect(page.locator(".end-projector-mode")).to_be_hidden()
