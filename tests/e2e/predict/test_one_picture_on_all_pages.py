"""The picture that a visitor chooses on one page is the one on the others, until they choose another."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from cnn.data.builtin.sample_photos import PHOTOS
from tests.e2e.browser import DRAW, PATIENCE, UPLOAD, follow_menu, keyed, open_way
from tests.keras_code.photo_files import write_photo
from tools.browser_page import open_page, wait_until_settled

OTHER_PAGES = ("feature_maps", "explanations", "time_machine")


def chosen(page: Page) -> Locator:
    """The marked picture of the strip."""
    return keyed(page, "picture.tiles").locator("button[aria-pressed=true]")


def tile(page: Page, place: int) -> Locator:
    """The picture of the strip at this place, from 0."""
    return keyed(page, "picture.tiles").get_by_role("button").nth(place)


@pytest.mark.parametrize("window", ["page", "phone"])
def test_my_photo_goes_with_me(window: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    visitor: Page = request.getfixturevalue(window)
    open_page(visitor, "/predict?model=shapes-tutorial")
    open_way(visitor, UPLOAD)
    visitor.locator("input[type=file]").set_input_files(write_photo(tmp_path, "wide.jpg"))
    expect(chosen(visitor)).to_have_attribute("aria-label", "wide.jpg", timeout=PATIENCE)
    for path in OTHER_PAGES:
        if window == "phone":
            visitor.get_by_test_id("stExpandSidebarButton").click()
        follow_menu(visitor, path)
        expect(chosen(visitor)).to_have_attribute("aria-label", "wide.jpg", timeout=PATIENCE)
        wait_until_settled(visitor)
        assert "picture=" not in visitor.url  # a photo is nobody else's business
    visitor.reload()
    expect(chosen(visitor)).to_have_attribute("aria-label", "wide.jpg", timeout=PATIENCE)


def test_a_picture_of_the_data_set_goes_with_me_and_into_the_address(page: Page) -> None:
    open_page(page, "/predict?model=digits-tutorial")
    first = tile(page, 0).get_attribute("aria-label")
    expect(chosen(page)).to_have_attribute("aria-label", str(first))
    third = str(tile(page, 2).get_attribute("aria-label"))
    tile(page, 2).click()
    page.wait_for_url(re.compile(r"picture=\w+-\d+"))
    expect(chosen(page)).to_have_attribute("aria-label", third)
    for path in OTHER_PAGES:
        follow_menu(page, path)
        page.wait_for_url(re.compile(r"picture=\w+-\d+"))
        expect(chosen(page)).to_have_attribute("aria-label", third)
    address = page.url
    tile(page, 0).click()
    page.wait_for_url(lambda url: "picture=" not in url)
    follow_menu(page, "predict")
    expect(chosen(page)).to_have_attribute("aria-label", str(first))
    page.goto(address)
    expect(chosen(page)).to_have_attribute("aria-label", third)


def test_a_drawing_goes_with_me_and_another_data_set_has_pictures_of_its_own(page: Page) -> None:
    open_page(page, "/predict?model=digits-tutorial")
    open_way(page, DRAW)
    canvas = keyed(page, "picture.drawing").get_by_role("application")
    expect(canvas).to_be_visible(timeout=PATIENCE)
    canvas.focus()
    for key in ["ArrowUp"] * 10 + ["Space"] + ["ArrowDown"] * 20 + ["Space"]:
        page.keyboard.press(key)
    expect(keyed(page, "predict.answer")).to_have_text(re.compile(r"\b1\b"), timeout=PATIENCE)
    drawn = str(chosen(page).get_attribute("aria-label"))
    follow_menu(page, "explanations")
    expect(chosen(page)).to_have_attribute("aria-label", drawn)
    tile(page, 2).click()
    page.wait_for_url(re.compile(r"picture="))
    page.goto("/predict?model=shapes-tutorial")
    expect(tile(page, 0)).to_have_attribute("aria-label", drawn)
    expect(tile(page, 1)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("name", ["test-361", "test-0", "own-1", "own-x", "photo-moon", "nonsense", "train-1e9"])
def test_a_link_to_a_picture_that_is_not_there_gets_a_sentence(page: Page, name: str) -> None:
    open_page(page, f"/predict?model=digits-tutorial&picture={name}")
    expect(keyed(page, "picture.problem.0")).to_contain_text(name)
    expect(keyed(page, "predict.answer")).to_be_visible(timeout=PATIENCE)
    expect(tile(page, 0)).to_have_attribute("aria-pressed", "true")


def test_more_pictures_are_one_click_away(page: Page) -> None:
    open_page(page, "/explanations?model=digits-tutorial")
    keyed(page, "picture.way").get_by_role("radio").first.click()
    more = page.locator(".tiles:not(.row)").get_by_role("button")
    expect(more).to_have_count(24)
    wanted = str(more.nth(5).get_attribute("aria-label"))
    more.nth(5).click()
    expect(chosen(page)).to_have_attribute("aria-label", wanted)
    expect(more).to_have_count(0)


def test_the_first_door_of_home_leads_to_a_cat_that_is_recognised(page: Page) -> None:
    open_page(page, "/")
    page.get_by_test_id("stMain").locator('a[href^="predict?"]').first.click()
    page.wait_for_url(re.compile("/predict"))
    cat = keyed(page, "picture.tiles").get_by_role("button", name=PHOTOS["cat"][0], exact=True)
    cat.click()
    expect(keyed(page, "predict.answer")).to_have_text(re.compile(r"\bcat\b\D+99"), timeout=PATIENCE)
