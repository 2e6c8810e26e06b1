"""A project goes to another person as a zip, and becomes a data set on the Images page as it is."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PATIENCE, axe_findings, keyed, press_escape, with_numbers
from tests.e2e.teach_your_own.teaching import classes, counts, rename, teach
from tools.browser_page import open_page

NAMES = ["zebra", "*ant*"]


def button(page: Page, key: str) -> Locator:
    return keyed(page, key).get_by_role("button")


@pytest.fixture
def project(page: Page, tmp_path: Path) -> Path:
    """The file of a project with five photos of each of ``NAMES``, which a visitor has saved."""
    teach(page, ("star", 5), ("circle", 5))
    for index, name in enumerate(NAMES):
        rename(page, index, name)
    with page.expect_download() as download:
        button(page, "teach.save").click()
    assert download.value.suggested_filename == "zebra, -ant-.zip"
    path = tmp_path / "project.zip"
    download.value.save_as(path)
    return path


def choose(page: Page, file: Path | dict) -> None:
    """Choose a project's file in the dialog that asks for it."""
    button(page, "teach.open").click()
    keyed(page, "teach.file").locator("input[type=file]").set_input_files(file)


def test_somebody_else_opens_it_on_a_phone(project: Path, phone: Page) -> None:
    open_page(phone, "/teach_your_own")
    counts(phone, 8, 8)
    button(phone, "teach.open").click()
    expect(phone.get_by_role("dialog")).to_be_visible()
    assert axe_findings(phone) == []
    keyed(phone, "teach.file").locator("input[type=file]").set_input_files(project)
    expect(phone.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    counts(phone, 5, 5)
    expect(classes(phone)).to_have_text(NAMES)
    phone.reload()
    counts(phone, 5, 5)
    choose(phone, project)
    expect(keyed(phone, "teach.file.question")).to_have_text(with_numbers(10, 2, 10), timeout=PATIENCE)
    assert axe_findings(phone) == []
    button(phone, "teach.file.no").click()
    expect(phone.get_by_role("dialog")).to_have_count(0)


def test_it_becomes_a_data_set_on_the_images_page(project: Path, page: Page) -> None:
    open_page(page, "/images?images.view=own")
    page.locator("input[type=file]").set_input_files(project)
    expect(keyed(page, "images.reading")).to_have_text(with_numbers(2, 5, 5))
    button(page, "images.bring").click(timeout=PATIENCE)
    expect(keyed(page, "images.brought")).to_contain_text("10", timeout=PATIENCE)
    expect(keyed(page, "images.refused")).to_have_count(0)


def test_what_is_no_project_is_said_in_the_dialog(page: Page) -> None:
    open_page(page, "/teach_your_own")
    counts(page, 8, 8)
    choose(page, {"name": "holiday.zip", "mimeType": "application/zip", "buffer": b"no zip at all"})
    expect(keyed(page, "teach.file.problem")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []
    press_escape(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    counts(page, 8, 8)
