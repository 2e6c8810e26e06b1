"""The gallery in a real browser: an image chosen, its numbers under pointer and keys, sorted, and real photos."""

import re
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

from cnn.data import catalog
from cnn.data.statistics import measure_images
from tests.e2e.browser import axe_findings, watched_page
from tools.browser_page import open_page

PATIENCE = 180_000


def hover(page: Page, row: int, column: int, height: int, width: int) -> None:
    canvas = page.get_by_role("application", name=re.compile("enlarged"))
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + (column + 0.5) * box["width"] / width, box["y"] + (row + 0.5) * box["height"] / height)


def test_a_chosen_image_tells_the_numbers_of_its_pixels(page: Page, digits: Path) -> None:
    open_page(page, "/images?dataset=digits")
    expect(page.get_by_text("Images 1 to 24 of 1,293")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile(", image 5$")).click()
    expect(page.get_by_role("heading", name=re.compile("A closer look: .*, image 5"))).to_be_visible()
    image = catalog.load("digits", "train").image(4)
    line = page.locator(".line")
    for row, column in [(3, 9), (16, 16), (31, 0)]:
        hover(page, row, column, 32, 32)
        expect(line).to_have_text(f"Row {row + 1}, column {column + 1}: grey {image[row, column, 0]}")
    canvas = page.get_by_role("application", name=re.compile("enlarged"))
    canvas.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(line).to_have_text(f"Row 31, column 2: grey {image[30, 1, 0]}")
    expect(page.get_by_text("Most like it, pixel by pixel")).to_be_visible()
    assert axe_findings(page) == []


def test_the_gallery_sorts_by_what_numpy_measures_and_the_set_is_counted(page: Page, digits: Path) -> None:
    open_page(page, "/images?dataset=digits&images.sort=bright&images.class=3")
    split = catalog.load("digits", "train")
    threes = np.flatnonzero(split.labels == 3)
    brightest = int(threes[np.argmax(measure_images(split, 10).brightness[threes])])
    first = page.get_by_role("group", name="Images of this page").get_by_role("button").first
    expect(first).to_have_accessible_name(f"3, image {brightest + 1}", timeout=PATIENCE)
    open_page(page, "/images?dataset=digits&images.view=set")
    expect(page.get_by_role("img", name="Mean image of 7")).to_be_visible()
    expect(page.get_by_text("No test image is, pixel for pixel, a training image as well")).to_be_visible()


def test_on_the_first_day_the_app_draws_its_own_data_and_prepares_photos_on_request(
    browser: Browser, empty_server: str, prepared_data: Path
) -> None:
    with watched_page(browser, empty_server, 1280, 800) as page:
        for name in ("digits", "shapes"):
            open_page(page, f"/images?dataset={name}")
            expect(page.get_by_text("Images 1 to 24 of")).to_be_visible(timeout=PATIENCE)
        open_page(page, "/images?dataset=cats_vs_dogs")
        page.get_by_role("button", name=re.compile("Prepare Cats")).click()
        expect(page.get_by_text("Images 1 to 24 of")).to_be_visible(timeout=PATIENCE)


def test_photos_of_every_size_are_shown_with_what_a_network_gets(page: Page, cats_vs_dogs: None) -> None:
    open_page(page, "/images?dataset=cats_vs_dogs")
    page.get_by_role("button", name=re.compile(", image 1$")).click()
    expect(page.get_by_text("The original, and what a network gets")).to_be_visible()
    expect(page.get_by_text("64 × 64 pixels")).to_be_visible()
    for name in ("red", "green", "blue"):
        expect(page.get_by_role("img", name=re.compile(f"{name} alone"))).to_be_visible()
    hover(page, 0, 0, 1, 1)
    expect(page.locator(".line")).to_have_text(re.compile(r"Row \d+, column \d+: red \d+, green \d+, blue \d+"))
