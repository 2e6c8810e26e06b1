"""Teach your own in a browser: from the last upload of ten photos in two classes to the answer to an eleventh.

The page has just been opened in Chromium, as by a visitor; the photos are drawings of 1,600 x 1,200 pixels. The base is
MobileNetV2 if its weights are on this machine (``KERAS_HOME``).
"""

import io
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from benchmarks.harness.reporting import format_spread, print_result
from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.model.pretrained_bases import best_available_base
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

ROUNDS = 5
TIMEOUT = 60_000  # milliseconds


def run() -> None:
    """Print the median over a few visitors."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        running_server(Path(home)) as address,
        sync_playwright() as playwright,
    ):
        browser, _ = launch(playwright)
        seconds = []
        for _ in range(ROUNDS):
            context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
            seconds.append(_seconds_to_answer(context.new_page()))
            context.close()
        browser.close()
    what = f"ten photos, two classes, {best_available_base().title}: last upload to an answer"
    print_result(what, statistics.median(seconds), "s", at_most=10)
    print(f"    {format_spread(seconds)}; the first visitor {seconds[0]:.1f}")


def _seconds_to_answer(page: Page) -> float:
    """Seconds from the upload of the last five photos, and then of one to classify, to the answer."""
    open_page(page, "/teach_your_own")
    page.get_by_role("button", name="Start with empty classes").click(timeout=TIMEOUT)
    expect(page.get_by_text("There are no photos yet")).to_be_visible(timeout=TIMEOUT)
    page.locator("input[type=file]").first.set_input_files(_photos("star", 5))
    expect(page.get_by_text("5 photos")).to_be_visible(timeout=TIMEOUT)
    page.get_by_role("radiogroup", name="Photos for").get_by_role("radio", name="Class B").click()
    last_photos, new_photo = _photos("circle", 5), _photos("circle", 1, seed=9)
    started = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(last_photos)
    expect(page.get_by_text("More photos are needed to test it")).to_be_visible(timeout=TIMEOUT)
    page.locator("input[type=file]").last.set_input_files(new_photo)
    expect(page.get_by_text("It says: Class B")).to_be_visible(timeout=TIMEOUT)
    return time.perf_counter() - started


def _photos(kind: str, count: int, seed: int = 0) -> list[FilePayload]:
    files: list[FilePayload] = []
    for index, picture in enumerate(draw_on_table(kind, count, seed=seed, border=4)):
        file = io.BytesIO()
        Image.fromarray(np.asarray(picture)).resize((1600, 1200)).save(file, "JPEG", quality=90)
        files.append({"name": f"{kind}-{index}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    return files
