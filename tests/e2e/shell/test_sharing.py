"""*Share this view* in the menu "More": the link opens the same view elsewhere, and the QR code is that of the link."""

import io

import numpy as np
import segno
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import axe_findings, keyed, press_escape, watched_page
from tests.e2e.shell.test_frame import pickers
from tools.browser_page import open_page, wait_until_settled

BORDER = 4  # modules of white around a QR code


def share(page: Page) -> str:
    """Open the dialog and give the link it shows."""
    keyed(page, "shell.more").get_by_role("button").click()
    keyed(page, "shell.share").get_by_role("button").click()
    link = keyed(page, "shell.share.link").get_by_test_id("stCode")
    expect(link).to_be_visible()
    return link.inner_text().strip()


def modules(picture: Locator, side: int) -> np.ndarray:
    """The dark modules of a QR code as they are on the screen, bool (side, side)."""
    # The middle of each module is clear of the smoothed edges of its neighbours.
    grey = np.asarray(Image.open(io.BytesIO(picture.screenshot())).convert("L"))
    rows, columns = (
        ((np.arange(side + 2 * BORDER) + 0.5) * length / (side + 2 * BORDER)).astype(int) for length in grey.shape
    )
    return (grey[np.ix_(rows, columns)] < 128)[BORDER:-BORDER, BORDER:-BORDER]


def test_the_link_opens_the_same_view_for_somebody_else(page: Page, browser: Browser, server: str) -> None:
    open_page(page, "/evaluation?level=lab&dataset=shapes&evaluation.view=sure")
    chosen = [picker.input_value() for picker in pickers(page)]
    view = keyed(page, "evaluation.view").get_by_role("radio", checked=True).inner_text()
    link = share(page)
    assert link == page.url
    with watched_page(browser, server, 1280, 800) as other:
        open_page(other, link)
        assert [picker.input_value() for picker in pickers(other)] == chosen
        expect(keyed(other, "evaluation.view").get_by_role("radio", checked=True)).to_have_text(view)
        expect(keyed(other, "shell.level").get_by_role("radio").nth(1)).to_be_checked()


def test_the_link_follows_to_another_page(page: Page) -> None:
    open_page(page, "/predict?dataset=shapes")
    page.get_by_test_id("stSidebar").locator('a[href="explanations"]').click()
    page.wait_for_url("**/explanations*")
    wait_until_settled(page)
    assert share(page) == page.url


def test_the_qr_code_is_that_of_the_link_and_large_enough(page: Page) -> None:
    open_page(page, "/explanations?dataset=shapes&level=lab")
    expected = np.array(segno.make(share(page), error="m", micro=False).matrix, bool)
    code = page.locator("img.qr")
    expect(code).to_be_in_viewport(ratio=1)
    found = code.bounding_box()
    assert found and found["width"] == found["height"] >= 400
    assert np.array_equal(modules(code, len(expected)), expected)
    assert axe_findings(page) == []


def test_a_server_for_one_computer_says_that_phones_cannot_open_the_link(page: Page) -> None:
    open_page(page, "/")
    share(page)
    expect(keyed(page, "shell.share.local")).to_be_visible()


def test_a_choice_closes_the_menu_and_the_dialog_fits_a_phone(phone: Page) -> None:
    open_page(phone, "/predict")
    share(phone)
    expect(keyed(phone, "shell.more").get_by_role("button")).to_have_attribute("aria-expanded", "false")
    expect(keyed(phone, "shell.reset.predict")).to_have_count(0)
    expect(phone.locator("img.qr")).to_be_in_viewport(ratio=1)
    press_escape(phone)
    expect(phone.locator("img.qr")).to_have_count(0)
