"""A class's own images in a real browser: brought in as a zip or as files, refused with reasons, looked at, learned."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from cnn.data import catalog
from cnn.data.builtin import shape_drawing
from cnn.data.image_decoding import decode_all
from cnn.data.own import zip_reader
from tests.e2e.browser import PATIENCE, axe_findings, keyed, with_numbers
from tests.e2e.images.looking import tile
from tests.e2e.training_runs import run_result
from tools.browser_page import open_page


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


def refusals(file: bytes, folder: Path) -> list[str]:
    """Why files of a zip are no pictures, one sentence each."""
    path = folder / "things.zip"
    path.write_bytes(file)
    sentences = []
    for entry in zip_reader.list_zip(path).files():
        unreadable = [] if entry.data is None else decode_all([(entry.name, entry.data)])[1]
        sentences += [entry.refusal] if entry.refusal else [sentence for _, sentence in unreadable]
    return sentences


def choose(page: Page, files: list[dict] | Path, title: str | None = None) -> None:
    """Choose files, or a folder where one is asked for, and ask for a data set of them, under this name if any."""
    # For a moment after the choice of a folder the uploader of single files is still there beside it.
    page.locator(f"input[type=file]{'[webkitdirectory]' if isinstance(files, Path) else ''}").set_input_files(files)
    if title is not None:
        keyed(page, "images.title").get_by_role("textbox").fill(title, timeout=PATIENCE)
    keyed(page, "images.bring").get_by_role("button").click(timeout=PATIENCE)


def expect_data_set(page: Page, images: int, classes: int, twins: int | None = None) -> str:
    """Wait until the chosen files are a data set and selected; gives its name. ``twins`` are images much alike."""
    numbers = (images, classes) if twins is None else (images, classes, twins)
    expect(keyed(page, "images.brought")).to_have_text(with_numbers(*numbers), timeout=PATIENCE)
    page.wait_for_url(re.compile("dataset=own-"))
    return str(re.search(r"dataset=(own-[\w-]+)", page.url).group(1))


def form_is_gone(page: Page) -> None:
    """Nothing is left of the uploader and its questions."""
    expect(page.locator("input[type=file]")).to_have_count(0)
    for key in ("images.way", "images.reading", "images.title", "images.bring"):
        expect(keyed(page, key)).to_have_count(0)


def selected_dataset(page: Page) -> Locator:
    return keyed(page, "shell.dataset").get_by_role("combobox")


def test_a_zip_becomes_a_data_set_that_is_looked_at_and_learned(page: Page, tmp_path: Path) -> None:
    open_page(page, "/images?images.view=own")
    things = [{"name": "things.zip", "mimeType": "application/zip", "buffer": zipped()}]
    choose(page, things, "Round and square")
    expect_data_set(page, images=40, classes=2)
    refused, reasons = keyed(page, "images.refused"), refusals(zipped(), tmp_path)
    assert len(reasons) == 3
    expect(refused).to_have_text(re.compile(r"^\D*3\D"))
    expect(refused.get_by_role("listitem")).to_have_text(reasons)
    expect(selected_dataset(page)).to_have_value("Round and square")
    form_is_gone(page)
    assert axe_findings(page) == []
    keyed(page, "images.more").get_by_role("button").click()
    expect(keyed(page, "images.bring").get_by_role("button")).to_be_disabled()
    expect(keyed(page, "images.brought")).to_have_count(0)
    choose(page, things, "round and  square")
    expect(keyed(page, "images.brought")).to_contain_text("round and square, 2", timeout=PATIENCE)
    form_is_gone(page)
    expect(selected_dataset(page)).to_have_value("round and square, 2")

    keyed(page, "images.next").get_by_role("link").first.click()
    expect(keyed(page, "images.range")).to_have_text(with_numbers(1, 24, 32))
    tile(page, 3).click()
    expect(keyed(page, "images.original_and_input").get_by_role("listitem")).to_have_text(
        [with_numbers(120, 90), with_numbers(64, 64)]
    )

    page.get_by_test_id("stSidebar").locator('a[href="training"]').click()
    keyed(page, "training.start").get_by_role("button").click()
    page.wait_for_url(re.compile("run="), timeout=PATIENCE)
    expect(run_result(page)).to_be_visible(timeout=PATIENCE)
    keyed(page, "training.next").locator('a[href^="predict?"]').click()
    expect(keyed(page, "predict.answer")).to_have_text(re.compile(r"\b(circle|square)\b"), timeout=PATIENCE)


def test_files_named_by_their_class_are_taken_and_deleted_again(page: Page) -> None:
    open_page(page, "/images?images.view=own")
    files = [
        {"name": f"{kind}-{number}.jpg", "mimeType": "image/jpeg", "buffer": drawn(kind, number)}
        for kind in ("circle", "square")
        for number in range(5)
    ]
    choose(page, files[:7])
    too_few = keyed(page, "images.bring.failure")
    expect(too_few).to_have_text(with_numbers(2, 5), timeout=PATIENCE)
    expect(too_few).to_contain_text("square")
    choose(page, files)
    name = expect_data_set(page, images=10, classes=2)
    keyed(page, f"images.sure.{name}").locator("label").click()
    keyed(page, f"images.delete.{name}").get_by_role("button").click()
    expect(selected_dataset(page)).to_have_value(catalog.info("digits").title)
    expect(keyed(page, f"images.own_dataset.{name}")).to_have_count(0)


def test_a_whole_folder_is_taken_with_its_folders_as_classes(page: Page, tmp_path: Path) -> None:
    for kind in ("circle", "square"):
        (tmp_path / "things" / kind).mkdir(parents=True)
        for number in range(5):
            (tmp_path / "things" / kind / f"{number}.jpg").write_bytes(drawn(kind, number))
    open_page(page, "/images?images.view=own")
    keyed(page, "images.way").get_by_role("radio").nth(1).click()
    choose(page, tmp_path / "things")
    name = expect_data_set(page, images=10, classes=2)
    expect(keyed(page, f"images.own_dataset.{name}")).to_contain_text("things: circle, square.")
