"""What was recognised in a zip's folders is asked in a real browser, and the answer honoured."""

import io
import zipfile

from playwright.sync_api import Page, expect

from tests.e2e.browser import PATIENCE, axe_findings, keyed
from tests.e2e.images.test_own_images import drawn, expect_data_set
from tools.browser_page import open_page


def zip_with_inner_folders() -> bytes:
    """Six pictures in each of four inner folders, each at a place and of colours of its own, so none are near twins."""
    file = io.BytesIO()
    folders = [(kind, inner) for kind in ("circle", "square") for inner in ("near", "far")]
    with zipfile.ZipFile(file, "w") as packed:
        for index, (kind, inner) in enumerate(folders):
            for number in range(6):
                packed.writestr(f"{kind}/{inner}/{number}.jpg", drawn(kind, 100 * index + number))
    return file.getvalue()


def test_the_innermost_folders_can_be_the_classes(page: Page) -> None:
    open_page(page, "/images?images.view=own")
    upload = {"name": "things.zip", "mimeType": "application/zip", "buffer": zip_with_inner_folders()}
    page.locator("input[type=file]").set_input_files([upload])
    question = page.locator("[class*=st-key-images-reading][class*=layout]")
    answers = question.get_by_role("radio")
    expect(answers).to_have_count(2)
    expect(answers.first).to_be_checked()
    reading = keyed(page, "images.reading")
    expect(reading).to_contain_text("circle 12, square 12")
    assert axe_findings(page) == []
    question.locator("label", has=page.get_by_role("radio")).nth(1).click()
    expect(reading).to_contain_text("far 12, near 12")
    keyed(page, "images.bring").get_by_role("button").click(timeout=PATIENCE)
    expect_data_set(page, images=24, classes=2)
