"""What the tests of the Images page look at: the gallery, and an image enlarged."""

from playwright.sync_api import Locator, Page

from tests.e2e.browser import keyed


def tiles(page: Page) -> Locator:
    """The images of the gallery."""
    return keyed(page, "images.tiles").get_by_role("button")


def tile(page: Page, number: int) -> Locator:
    """An image of the gallery by its number in the data set, from 1."""
    return keyed(page, "images.tiles").locator(f'[data-id="{number - 1}"]')


def enlarged(page: Page) -> Locator:
    """The chosen image, where the pointer moves over its pixels."""
    return keyed(page, "images.pixels").get_by_role("application")


def pixel(page: Page) -> Locator:
    """The line that names a pixel of it and the pixel's numbers."""
    return keyed(page, "images.pixels").locator(".line")


def hover(page: Page, row: int, column: int, height: int, width: int) -> None:
    """Move the pointer over a pixel of the chosen image, which has ``height`` x ``width``."""
    canvas = enlarged(page)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + (column + 0.5) * box["width"] / width, box["y"] + (row + 0.5) * box["height"] / height)
