"""A photo for which the server has no room: the page says so by itself, beside what Streamlit's uploader says."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.browser import PATIENCE, UPLOAD, keyed, open_way
from tests.keras_code.photo_files import write_photo
from tools.browser_page import open_page
from tools.running_server import running_server


def test_a_page_says_why_a_photo_was_refused(browser: Browser, tmp_path: Path) -> None:
    with running_server(tmp_path, {"CNN_UPLOAD_FILES_PER_TAB": "1"}) as address:
        page = browser.new_context(base_url=address).new_page()
        open_page(page, "/predict?model=cifar10-tutorial")
        open_way(page, UPLOAD)
        opened = page.url
        page.locator("input[type=file]").set_input_files([write_photo(tmp_path, k) for k in ("turned.jpg", "wide.jpg")])
        refused = keyed(page, "upload.refused")
        expect(refused).to_contain_text("keeps at most 1 files of a tab", timeout=PATIENCE)
        expect(page.get_by_role("heading", name="Predict", level=1)).to_be_visible()
        assert page.url == opened
        page.context.close()
