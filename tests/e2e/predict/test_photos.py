"""Photos of every format that phones and programs make, answered in a real browser."""

import csv
import io
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Page, expect

from tests.e2e.browser import PATIENCE, UPLOAD, keyed, open_way
from tests.keras_code.photo_files import ORDINARY, write_photo
from tools.browser_page import open_page


def write_photos(folder: Path) -> list[Path]:
    """A photo turned by its EXIF tag, the same upright, one cut off at the side, and other formats of the same."""
    files = [write_photo(folder, kind) for kind in (*ORDINARY, "turned.heic")]
    upright = ImageOps.exif_transpose(Image.open(folder / "turned.jpg"))
    for name, form in (("upright.png", "PNG"), ("upright.jfif", "JPEG"), ("upright.avif", "AVIF")):
        upright.save(folder / name, form)
        files.append(folder / name)
    return files


def test_photos_of_every_format_are_answered_in_one_table(page: Page, tmp_path: Path) -> None:
    files = write_photos(tmp_path)
    open_page(page, "/predict?model=cifar10-tutorial")
    open_way(page, UPLOAD)
    page.locator("input[type=file]").set_input_files(files)
    with page.expect_download(timeout=PATIENCE) as waiting:
        keyed(page, "predict.csv").get_by_role("button").click(timeout=PATIENCE)
    text = waiting.value.path().read_text("utf-8-sig")
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(text))}
    assert list(rows) == [file.name for file in files]
    turned, upright = rows["turned.jpg"], rows["upright.png"]
    assert (turned["class"], turned["probability"]) == (upright["class"], upright["probability"])


def test_the_part_of_a_wide_photo_can_be_moved(page: Page, tmp_path: Path) -> None:
    open_page(page, "/predict?model=cifar10-tutorial")
    open_way(page, UPLOAD)
    page.locator("input[type=file]").set_input_files(write_photo(tmp_path, "wide.jpg"))
    answer = keyed(page, "predict.answer")
    expect(answer).to_be_visible(timeout=PATIENCE)
    before = answer.inner_text()
    slider = keyed(page, "predict.place").get_by_role("slider")
    slider.focus()
    slider.press("Home")
    expect(answer).not_to_have_text(before, timeout=PATIENCE)
