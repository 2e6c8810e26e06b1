"""Zips as people's computers make them, end to end in a real browser: what is asked, said and made of each."""

import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.data.own.test_name_encoding import undeclared_zip
from tests.data.own.test_near_twins import burst_zip
from tests.data.own.uploads import encode_random_image, make_zip
from tests.e2e.browser import PATIENCE, keyed
from tests.e2e.images.test_own_images import expect_data_set
from tools.browser_page import open_page


def zip_of(folders: dict[str, int], more: dict[str, bytes] | None = None) -> io.BytesIO:
    """A zip with so many images in each folder, no two alike, and more files."""
    names = [f"{folder}/{number}.png" for folder, count in folders.items() for number in range(count)]
    return make_zip({name: encode_random_image(seed) for seed, name in enumerate(names)} | (more or {}))


# Kind of zip: how it is made, the files in each of its classes, and how many things are said about it beforehand.
ZIPS: dict[str, tuple[Callable[[], io.BytesIO], dict[str, int], int]] = {
    "names without the UTF-8 flag": (
        lambda: undeclared_zip(["猫", "狗", "鸟"], "gbk"),
        {"狗": 6, "猫": 6, "鸟": 6},
        0,
    ),
    "marks": (
        lambda: zip_of({"C#": 5, "C-": 5, "cat?": 5, "cat!": 5, "🐱": 5}),
        {"C#": 5, "C-": 5, "cat!": 5, "cat?": 5, "🐱": 5},
        0,
    ),
    "accents composed and decomposed": (
        lambda: zip_of({"café": 5, "cafe\N{COMBINING ACUTE ACCENT}": 6, "thé": 5}),
        {"café": 11, "thé": 5},
        1,
    ),
    "an inner folder": (lambda: zip_of({"cats/img": 5, "dogs/img": 6}), {"cats": 5, "dogs": 6}, 1),
    "numbers": (
        lambda: zip_of({str(number): 5 for number in range(1, 13)}),
        {str(number): 5 for number in range(1, 13)},
        0,
    ),
    "a Mac's own files": (
        lambda: zip_of({"set/a": 5, "set/b": 6}, {"set/.DS_Store": b"x", "__MACOSX/set/a/._0.png": b"x"}),
        {"a": 5, "b": 6},
        2,
    ),
    "few of a kind": (lambda: zip_of({"common": 60, "rare": 5}), {"common": 60, "rare": 5}, 0),
    "bursts": (
        lambda: make_zip(burst_zip({"mug": [(n, 4) for n in range(3)], "plate": [(n, 4) for n in range(3, 6)]})),
        {"mug": 12, "plate": 12},
        0,
    ),
}


def upload(page: Page, file: io.BytesIO) -> None:
    open_page(page, "/images?images.view=own")
    buffer = {"name": "things.zip", "mimeType": "application/zip", "buffer": file.getvalue()}
    page.locator("input[type=file]").set_input_files([buffer])


@pytest.mark.parametrize("kind", ZIPS)
def test_a_zip_is_understood_and_becomes_its_classes(page: Page, kind: str) -> None:
    make, classes, notes = ZIPS[kind]
    upload(page, make())
    reading = keyed(page, "images.reading")
    expect(reading).to_contain_text(", ".join(f"{name} {count}" for name, count in classes.items()), timeout=PATIENCE)
    expect(reading.get_by_text("→")).to_have_count(notes)
    keyed(page, "images.bring").get_by_role("button").click(timeout=PATIENCE)
    images = sum(classes.values())
    expect_data_set(page, images, len(classes), twins=images if kind == "bursts" else None)
    expect(page.locator("[class*=st-key-images-own_dataset]")).to_contain_text(", ".join(classes))


def test_classes_that_differ_in_case_alone_are_asked_about(page: Page) -> None:
    upload(page, zip_of({"Cat": 5, "cat": 6, "dog": 5}))
    question = keyed(page, "images.case")
    for name in ("“Cat”", "“cat”"):
        expect(question).to_contain_text(name, timeout=PATIENCE)
    expect(keyed(page, "images.bring").get_by_role("button")).to_be_disabled()
    page.locator("[class*=st-key-images-reading][class*=case]").get_by_role("radio").first.click()
    keyed(page, "images.bring").get_by_role("button").click(timeout=PATIENCE)
    expect_data_set(page, images=16, classes=2)
