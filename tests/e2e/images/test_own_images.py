"""A class's own images in a real browser: brought in as a zip or as files, refused with reasons, looked at, learned."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from cnn.data.builtin import shape_drawing
from tests.e2e.browser import axe_findings
from tools.browser_page import open_page

PATIENCE = 180_000


def drawn(kind: str, number: int) -> bytes:
    """A large drawn circle or square, as a photo of it would be: JPEG, 120 x 90."""
    image, _ = shape_drawing.draw(shape_drawing.NAMES.index(kind), np.random.default_rng([number, 1]))
    file = io.BytesIO()
    Image.fromarray(image).resize((120, 90)).save(file, "JPEG")
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number in range(20):
            for kind in ("circle", "square"):
                packed.writestr(f"things/{kind}/{number}.jpg", drawn(kind, number))
        packed.writestr("things/circle/notes.txt", b"ours")
        packed.writestr("../square/outside.jpg", drawn("square", 99))
        packed.writestr("things/square/inner.zip", b"PK\x03\x04")
    return file.getvalue()


def choose(page: Page, files: list[dict]) -> None:
    page.locator("input[type=file]").set_input_files(files)
    button = page.get_by_role("button", name="Make a data set of them")
    expect(button).to_be_enabled(timeout=PATIENCE)
    button.click()


def test_a_zip_becomes_a_data_set_that_is_looked_at_and_learned(page: Page) -> None:
    open_page(page, "/images?images.view=own")
    page.get_by_role("textbox", name="What they are called").fill("Round and square")
    page.get_by_role("textbox", name="What they are called").press("Enter")
    choose(page, [{"name": "things.zip", "mimeType": "application/zip", "buffer": zipped()}])
    expect(page.get_by_text("is a data set now: 40 images of 2 classes")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("3 files were not taken")).to_be_visible()
    for reason in (
        "notes.txt” is not a picture",
        "outside.jpg” says that it belongs outside",
        "inner.zip” is an archive",
    ):
        expect(page.get_by_text(re.compile(re.escape(reason)))).to_be_visible()
    page.wait_for_url(re.compile("dataset=own-"))
    expect(page.get_by_role("combobox", name=re.compile("Data set"))).to_have_value("Round and square")
    assert axe_findings(page) == []

    page.get_by_role("button", name="Look at them").click()
    expect(page.get_by_text("Images 1 to 24 of 32")).to_be_visible()
    page.get_by_role("button", name=re.compile("image 3$")).click()
    expect(page.get_by_role("img", name="What a network gets")).to_be_visible()
    expect(page.get_by_text("120 × 90 pixels").first).to_be_visible()

    page.get_by_role("link", name="Training", exact=True).click()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("The final exam", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Try a photo on it").click()
    expect(page.get_by_text(re.compile("It says: (circle|square)"))).to_be_visible(timeout=PATIENCE)


def test_files_named_by_their_class_are_taken_and_deleted_again(page: Page) -> None:
    open_page(page, "/images?images.view=own")
    files = [
        {"name": f"{kind}-{number}.jpg", "mimeType": "image/jpeg", "buffer": drawn(kind, number)}
        for kind in ("circle", "square")
        for number in range(5)
    ]
    choose(page, files[:7])
    expect(page.get_by_text("Of “square” only 2 can be used, and at least 5 of each class are needed")).to_be_visible(
        timeout=PATIENCE
    )
    choose(page, files)
    expect(page.get_by_text("is a data set now: 10 images of 2 classes")).to_be_visible(timeout=PATIENCE)
    page.get_by_text("Delete for good").click()
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_enabled()
    delete.click()
    expect(page.get_by_role("combobox", name=re.compile("Data set"))).to_have_value("Handwritten digits")
    expect(page.get_by_role("button", name="Look at them")).to_have_count(0)


def test_a_whole_folder_is_taken_with_its_folders_as_classes(page: Page, tmp_path: Path) -> None:
    for kind in ("circle", "square"):
        (tmp_path / "things" / kind).mkdir(parents=True)
        for number in range(5):
            (tmp_path / "things" / kind / f"{number}.jpg").write_bytes(drawn(kind, number))
    open_page(page, "/images?images.view=own")
    page.get_by_role("radio", name="A whole folder").click()
    # For a moment the uploader of single files is still there beside it.
    page.locator("input[type=file][webkitdirectory]").set_input_files(tmp_path / "things")
    button = page.get_by_role("button", name="Make a data set of them")
    expect(button).to_be_enabled(timeout=PATIENCE)
    button.click()
    expect(page.get_by_text("is a data set now: 10 images of 2 classes")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("My images: circle, square.")).to_be_visible()
