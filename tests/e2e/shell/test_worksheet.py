"""A worksheet to download from the menu "More"."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.browser import PATIENCE, axe_findings, keyed
from tests.e2e.shell.test_start_as_somebody_new import save_model, workspace_cookie, workspace_of
from tools.browser_page import open_page


def open_worksheet(page: Page) -> None:
    keyed(page, "shell.more").get_by_role("button").click()
    keyed(page, "shell.worksheet").get_by_role("button").click()


def download(page: Page, number: int) -> bytes:
    button = keyed(page, "shell.worksheet.download").get_by_role("button", name=re.compile(rf"\b{number}$"))
    expect(button).to_be_enabled(timeout=PATIENCE)
    with page.expect_download() as begun:
        button.click()
    assert begun.value.suggested_filename.endswith(".pdf")
    return Path(begun.value.path()).read_bytes()


def test_a_number_always_gives_the_same_three_sides(page: Page) -> None:
    open_page(page, "/feature_maps?dataset=shapes")
    open_worksheet(page)
    first = download(page, 1)
    assert len(re.findall(rb"/Type /Page\b", first)) == 3
    assert axe_findings(page) == []

    number = keyed(page, "shell.worksheet.seed").get_by_role("spinbutton")
    number.fill("7")
    number.press("Enter")
    other = download(page, 7)
    assert other != first

    open_page(page, "/convolution?dataset=shapes")
    open_worksheet(page)
    assert download(page, 1) == first


def test_pages_without_a_model_offer_none(page: Page) -> None:
    open_page(page, "/glossary")
    keyed(page, "shell.more").get_by_role("button").click()
    expect(keyed(page, "shell.share")).to_be_visible()
    expect(keyed(page, "shell.worksheet")).to_have_count(0)


def test_a_network_that_it_cannot_be_made_of_gets_a_sentence(page: Page, server_home: Path) -> None:
    open_page(page, "/")
    dense = "comparison/shapes-left-right-dense"
    id = save_model(server_home, workspace_of(workspace_cookie(page)), "Without convolution", dense)
    open_page(page, f"/convolution?model={id}")
    open_worksheet(page)
    expect(keyed(page, "shell.worksheet.problem")).to_be_visible(timeout=PATIENCE)
    expect(keyed(page, "shell.worksheet.download")).to_have_count(0)
