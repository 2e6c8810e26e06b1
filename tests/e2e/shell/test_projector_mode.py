"""Projector mode: menu and foot go, type and pictures grow; on every page until a key or a button ends it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import axe_findings, follow_menu, keyed, press_escape, press_projector_key
from tests.e2e.shell.test_frame import box
from tools.browser_page import open_page, wait_until_settled

READABLE = 22  # pixels on a window of 1280: what a page's text must have at least
END = ".end-projector-mode"


def menu(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def foot(page: Page) -> Locator:
    return keyed(page, "shell.foot")


def expect_mode(page: Page, on: bool) -> None:
    for part in (menu(page), foot(page)):
        expect(part).to_be_visible(visible=not on)
    expect(page.locator(END)).to_be_visible(visible=on)


def choose_in_more(page: Page) -> None:
    keyed(page, "shell.more").get_by_role("button").click()
    keyed(page, "shell.projector").get_by_role("button").click()


def text_height(page: Page) -> float:
    """The size of the page's question as it is on the screen, in pixels."""
    return float(
        keyed(page, "shell.question")
        .get_by_role("paragraph")
        .evaluate("text => parseFloat(getComputedStyle(text).fontSize) * text.currentCSSZoom")
    )


def test_menu_and_foot_go_and_the_picture_grows_to_the_windows_width(page: Page) -> None:
    open_page(page, "/explanations")
    picture = page.locator(".occluder canvas").first
    expect(picture).to_be_visible()
    before, main = box(picture), keyed(page, "shell.strip")
    press_projector_key(page)
    expect_mode(page, on=True)
    assert text_height(page) >= READABLE
    assert box(picture)["width"] >= 1.3 * before["width"]
    assert box(main)["width"] >= 0.9 * 1280
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") == 0
    assert axe_findings(page) == []


@pytest.mark.parametrize("width", [1280, 1920])
def test_pages_of_all_widths_fit(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1080})
    for path in ("/predict", "/convolution", "/architecture"):
        open_page(page, path)
        press_projector_key(page)
        expect(page.locator(END)).to_be_visible()
        wait_until_settled(page)
        assert box(keyed(page, "shell.header"))["width"] >= 0.9 * width
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") == 0
        page.keyboard.press("Escape")


def test_the_same_key_escape_and_both_buttons_end_it(page: Page) -> None:
    open_page(page, "/predict")
    choose_in_more(page)
    expect_mode(page, on=True)
    expect(keyed(page, "shell.more").get_by_role("button")).to_have_attribute("aria-expanded", "false")
    choose_in_more(page)
    expect_mode(page, on=False)
    for end in (
        lambda: press_projector_key(page),
        lambda: page.keyboard.press("Escape"),
        lambda: page.locator(END).click(),
    ):
        press_projector_key(page)
        expect_mode(page, on=True)
        end()
        expect_mode(page, on=False)


def test_it_stays_over_reruns_pages_and_a_reload(page: Page) -> None:
    open_page(page, "/predict")
    press_projector_key(page)
    expect_mode(page, on=True)
    keyed(page, "picture.way").get_by_role("radio").first.click()  # a rerun
    wait_until_settled(page)
    expect_mode(page, on=True)
    menu(page).locator('a[href="explanations"]').evaluate("link => link.click()")
    page.wait_for_url("**/explanations*")
    expect(keyed(page, "explain.view")).to_be_visible()
    expect_mode(page, on=True)
    page.reload()
    wait_until_settled(page)
    expect_mode(page, on=True)
    page.keyboard.press("Escape")
    expect_mode(page, on=False)
    follow_menu(page, "predict")
    wait_until_settled(page)
    expect_mode(page, on=False)


def test_escape_closes_what_is_open_before_it_ends_the_mode(page: Page) -> None:
    open_page(page, "/predict")
    press_projector_key(page)
    expect_mode(page, on=True)
    keyed(page, "shell.more").get_by_role("button").click()
    keyed(page, "shell.share").get_by_role("button").click()
    expect(page.locator("img.qr")).to_be_visible()
    press_escape(page)
    expect(page.locator("img.qr")).to_have_count(0)
    expect_mode(page, on=True)
    page.keyboard.press("Escape")
    expect_mode(page, on=False)


def test_the_button_that_ends_it_has_a_visible_focus(page: Page) -> None:
    open_page(page, "/predict")
    press_projector_key(page)
    expect_mode(page, on=True)
    end = page.locator(END)
    end.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(end).to_be_focused()
    expect(end).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    expect_mode(page, on=False)


def test_pointing_hits_the_same_place_of_an_enlarged_picture(page: Page) -> None:
    open_page(page, "/convolution")
    board = page.locator(".sliding .output .board")
    line = page.locator(".sliding .line")

    def sum_below_pointer() -> str:
        found = box(board)
        page.mouse.move(found["x"] + 0.1 * found["width"], found["y"] + 0.1 * found["height"])
        page.mouse.move(found["x"] + 0.52 * found["width"], found["y"] + 0.52 * found["height"])
        return line.inner_text()

    plain = sum_below_pointer()
    press_projector_key(page)
    expect_mode(page, on=True)
    assert sum_below_pointer() == plain


def test_phones_are_not_offered_it(phone: Page) -> None:
    open_page(phone, "/predict")
    keyed(phone, "shell.more").get_by_role("button").click()
    expect(keyed(phone, "shell.share")).to_be_visible()
    expect(keyed(phone, "shell.projector")).to_be_hidden()
    phone.keyboard.press("Escape")
    press_projector_key(phone)
    expect(foot(phone)).to_be_visible()
    expect(phone.locator(END)).to_be_hidden()
