"""The gallery in a real browser: an image chosen, its numbers under pointer and keys, sorted, and real photos."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

from cnn.data import catalog
from cnn.data.statistics import measure_images
from tests.e2e.browser import PATIENCE, axe_findings, keyed, watched_page, with_numbers
from tests.e2e.images.looking import enlarged, hover, pixel, tile, tiles
from tools.browser_page import open_page


def test_a_chosen_image_tells_the_numbers_of_its_pixels(page: Page, digits: Path) -> None:
    open_page(page, "/images?dataset=digits")
    expect(keyed(page, "images.range")).to_have_text(with_numbers(1, 24, "1,293"), timeout=PATIENCE)
    tile(page, 5).click()
    image = catalog.load("digits", "train").image(4)
    expect(keyed(page, "images.chosen_title")).to_have_text(with_numbers(catalog.load("digits", "train").labels[4], 5))
    for row, column in [(3, 9), (16, 16), (31, 0)]:
        hover(page, row, column, 32, 32)
        expect(pixel(page)).to_have_text(with_numbers(row + 1, column + 1, image[row, column, 0]))
    enlarged(page).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(pixel(page)).to_have_text(with_numbers(31, 2, image[30, 1, 0]))
    expect(keyed(page, "images.nearest").get_by_role("listitem")).to_have_count(8)
    assert axe_findings(page) == []


def test_the_gallery_sorts_by_what_numpy_measures_and_the_set_is_counted(page: Page, digits: Path) -> None:
    open_page(page, "/images?dataset=digits&images.sort=bright&images.class=3")
    split = catalog.load("digits", "train")
    threes = np.flatnonzero(split.labels == 3)
    brightest = int(threes[np.argmax(measure_images(split, 10).brightness[threes])])
    expect(tiles(page).first).to_have_accessible_name(with_numbers(3, brightest + 1), timeout=PATIENCE)
    open_page(page, "/images?dataset=digits&images.view=set")
    expect(keyed(page, "images.means").get_by_role("img").nth(7)).to_have_accessible_name(with_numbers(7))
    expect(keyed(page, "images.no_duplicates")).to_be_visible()


def test_on_the_first_day_the_app_draws_its_own_data_and_prepares_photos_on_request(
    browser: Browser, empty_server: str, prepared_data: Path
) -> None:
    with watched_page(browser, empty_server, 1280, 800) as page:
        for name in ("digits", "shapes"):
            open_page(page, f"/images?dataset={name}")
            expect(keyed(page, "images.range")).to_be_visible(timeout=PATIENCE)
            expect(tile(page, 24)).to_be_visible()
        open_page(page, "/images?dataset=cats_vs_dogs")
        keyed(page, "images.prepare").get_by_role("button").click()
        expect(keyed(page, "images.range")).to_be_visible(timeout=PATIENCE)
        expect(tile(page, 24)).to_be_visible()
