"""Teach your own in a browser: from the last upload of ten photos in two classes to the answer to an eleventh.

The server is one that has just shown the page, in Chromium, as a visitor has it; the photos are drawn, 1,600 x 1,200
pixels.
With MobileNetV2 where its weights are on this machine (``KERAS_HOME``).
"""

import io
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.harness.reporting import figure, spread
from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.model.pretrained_bases import best_available_base
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

ROUNDS = 5
PATIENCE = 60_000


def run() -> None:
    """Print the median of a few visitors."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        running_server(Path(home), {}) as address,
        sync_playwright() as playwright,
    ):
        browser, _ = launch(playwright)
        seconds = []
        for _ in range(ROUNDS):
            context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
            seconds.append(_taught(context.new_page()))
            context.close()
        browser.close()
    what = f"ten photos, two classes, {best_available_base().title}: last upload to an answer"
    figure(what, statistics.median(seconds), "s", at_most=10)
    print(f"    {spread(seconds)}; the first visitor {seconds[0]:.1f}")


def _taught(page: Page) -> float:
    """Seconds from handing over the last five photos and one to try, to the answer."""
    open_page(page, "/teach_your_own")
    page.get_by_role("button", name="Start with empty classes").click(timeout=PATIENCE)
    expect(page.get_by_text("There are no photos yet")).to_be_visible(timeout=PATIENCE)
    page.locator("input[type=file]").first.set_input_files(_photos("star", 5))
    expect(page.get_by_text("5 photos")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("radiogroup", name="Photos for").get_by_role("radio", name="Class B").click()
    last, tried = _photos("circle", 5), _photos("circle", 1, seed=9)
    started = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(last)
    expect(page.get_by_text("With six photos or more")).to_be_visible(timeout=PATIENCE)
    page.locator("input[type=file]").last.set_input_files(tried)
    expect(page.get_by_text("It says: Class B")).to_be_visible(timeout=PATIENCE)
    return time.perf_counter() - started


def _photos(kind: str, count: int, seed: int = 0) -> list[dict]:
    files = []
    for number, picture in enumerate(draw_on_table(kind, count, seed=seed, border=4)):
        file = io.BytesIO()
        Image.fromarray(np.asarray(picture)).resize((1600, 1200)).save(file, "JPEG", quality=90)
        files.append({"name": f"{kind}-{number}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    return files
