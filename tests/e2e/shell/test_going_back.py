"""The browser's *Back* closes what a click has opened."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import PATIENCE, axe_findings, keyed
from tools.browser_page import open_page


def test_back_closes_the_image_that_is_looked_at_closely(page: Page) -> None:
    open_page(page, "/images?dataset=digits")
    tiles, title = keyed(page, "images.tiles").get_by_role("button"), keyed(page, "images.chosen_title")
    expect(title).to_have_count(0)
    for place in (3, 5):
        tiles.nth(place).click()
        expect(title).to_have_text(re.compile(rf"\b{place + 1}$"))
        page.wait_for_url(re.compile(rf"images\.image={place + 1}\b"))
    page.go_back()
    expect(title).to_have_text(re.compile(r"\b4$"))
    page.go_back()
    expect(title).to_have_count(0)
    page.go_forward()
    expect(title).to_have_text(re.compile(r"\b4$"))
    address = page.url
    page.goto(address)
    expect(title).to_have_text(re.compile(r"\b4$"))
    grid, detail = keyed(page, "images.tiles").bounding_box(), keyed(page, "images.detail").bounding_box()
    assert detail["x"] >= grid["x"] + grid["width"] and abs(detail["y"] - grid["y"]) < 50
    keyed(page, "images.close").get_by_role("button").click()
    expect(title).to_have_count(0)
    page.wait_for_url(lambda address: "images.image" not in address)


def test_on_a_phone_the_image_that_is_looked_at_closely_lies_over_the_page(phone: Page) -> None:
    open_page(phone, "/images?dataset=digits")
    keyed(phone, "images.tiles").get_by_role("button").nth(3).click()
    detail = keyed(phone, "images.detail")
    expect(detail.get_by_role("heading", level=2)).to_be_in_viewport()
    assert detail.bounding_box()["y"] <= 0 and detail.bounding_box()["height"] >= phone.viewport_size["height"]
    keyed(phone, "images.close").get_by_role("button").click()
    expect(detail).to_have_count(0)


def test_on_a_phone_the_focus_goes_into_the_closer_look_and_comes_back_to_its_image(phone: Page) -> None:
    open_page(phone, "/images?dataset=digits")
    tile = keyed(phone, "images.tiles").get_by_role("button").nth(3)
    detail, close = keyed(phone, "images.detail"), keyed(phone, "images.close").get_by_role("button")
    for way in ("Escape", "Enter"):  # the latter on the button that has the focus
        tile.press("Enter")
        expect(close).to_be_focused()
        expect(detail).to_have_role("dialog")
        assert axe_findings(phone) == []
        for _ in range(4):
            phone.keyboard.press("Tab")
            assert detail.evaluate(
                "part => part.contains(document.activeElement) || !document.activeElement.closest(MAIN)".replace(
                    "MAIN", "'[data-testid=stMain]'"
                )
            )
        close.focus()
        phone.keyboard.press(way)
        expect(detail).to_have_count(0)
        expect(tile).to_be_focused()


def test_on_a_desk_the_focus_stays_with_the_image_that_was_chosen(page: Page) -> None:
    open_page(page, "/images?dataset=digits")
    tile = keyed(page, "images.tiles").get_by_role("button").nth(3)
    tile.press("Enter")
    detail = keyed(page, "images.detail")
    expect(detail).to_be_visible()
    expect(tile).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    keyed(page, "images.close").get_by_role("button").click()
    expect(detail).to_have_count(0)
    expect(tile).to_be_focused()


def test_back_goes_from_one_cell_of_the_matrix_to_the_one_before(page: Page) -> None:
    open_page(page, "/evaluation?model=digits-tutorial")
    cells, cell = page.locator(".matrix button"), keyed(page, "evaluation.cell")
    expect(cell).to_be_visible(timeout=PATIENCE)
    said = []
    for place in (0, 11):
        said.append(cell.inner_text())
        cells.nth(place).click()
        expect(cell).not_to_have_text(said[-1])
        page.wait_for_url(re.compile(r"evaluation\.pair="))
    for text in reversed(said):
        page.go_back()
        expect(cell).to_have_text(text)
