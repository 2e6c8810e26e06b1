"""Working on Teach your own in a browser."""

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.errors import ConfigError
from cnn.training.few_shot_head import fit_head
from tests.e2e.browser import PATIENCE, keyed, with_numbers
from tools.browser_page import open_page, wait_until_settled

FAIR, BROKEN = 0, 1  # among the examples


def photo(name: str, number: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(draw_on_table(name, 1, seed=number, border=4)[0]).resize((240, 240)).save(file, "JPEG")
    return file.getvalue()


def files(name: str, numbers: range) -> list[dict]:
    return [{"name": f"{name}-{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(name, n)} for n in numbers]


def problem(counts: Sequence[int], names: Sequence[str]) -> str:
    """What is wrong with so many photos in each class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    with pytest.raises(ConfigError) as error:
        fit_head(np.zeros((len(labels), 1), np.float32), labels, names)
    return str(error.value)


def begin(page: Page) -> list[str]:
    """Start with empty classes; gives their names."""
    open_page(page, "/teach_your_own")
    expect(keyed(page, "teach.answer")).to_be_visible(timeout=PATIENCE)
    keyed(page, "teach.empty").get_by_role("button").click()
    counts(page, 0, 0)
    names = classes(page).all_inner_texts()
    expect(keyed(page, "teach.problem")).to_have_text(problem([0, 0], names))
    return names


def counts(page: Page, *expected: int) -> None:
    """Every class has so many photos, and says so."""
    for number, count in enumerate(expected):
        group = keyed(page, f"teach.class.{number}")
        expect(group.get_by_test_id("stCaptionContainer")).to_have_text(with_numbers(count), timeout=PATIENCE)
        expect(group.get_by_role("img")).to_have_count(count)


def classes(page: Page) -> Locator:
    """The choice of the class that gets the photos."""
    return keyed(page, "teach.to").get_by_role("radio")


def choose_class(page: Page, index: int) -> None:
    """Choose the class that gets the next photos, once the page stands still: a row that goes moves what is below."""
    wait_until_settled(page)
    classes(page).nth(index).click()
    expect(classes(page).nth(index)).to_be_checked()
    wait_until_settled(page)


def photos_come_from(page: Page, way: int) -> None:
    keyed(page, "teach.way").get_by_role("radio").nth(way).click()


def load_example(page: Page, number: int) -> None:
    """Ask for an example; photos of the visitor's own are asked about first."""
    keyed(page, "teach.examples").get_by_role("button").click()
    page.get_by_role("menuitem").nth(number).click()


def teach(page: Page, *groups: tuple[str, int]) -> None:
    """Start with empty classes and give each so many photos: (what is drawn, how many) of each."""
    begin(page)
    for index, (kind, count) in enumerate(groups):
        choose_class(page, index)
        page.locator("input[type=file]").first.set_input_files(files(kind, range(count)))
        counts(page, *(group[1] if number <= index else 0 for number, group in enumerate(groups)))


def rename(page: Page, class_index: int, name: str) -> None:
    """Give a class another name, and wait until it has it."""
    field = keyed(page, f"teach.class.{class_index}").get_by_role("textbox")
    field.fill(name)
    field.press("Enter")
    expect(classes(page).nth(class_index)).to_have_text(name)
