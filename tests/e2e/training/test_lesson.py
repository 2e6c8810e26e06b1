"""The app's main job in a real browser: train, watch, stop, share, draw, upload, take a photo."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import watched_page
from tools.browser_page import open_page, wait_until_settled

PATIENCE = 180_000  # milliseconds; a busy machine trains slowly
FINAL_EXAM = "The final exam"


def start_training(page: Page, epochs: int) -> None:
    open_page(page, f"/training?training.set.epochs={epochs}")
    expect(page.get_by_text("Takes about")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"run="), timeout=PATIENCE)


def test_a_pupil_trains_on_digits_and_the_curve_grows(page: Page, browser: Browser, server: str) -> None:
    start_training(page, epochs=3)
    expect(page.get_by_text(re.compile(r"Epoch \d of 3"))).to_be_visible(timeout=PATIENCE)
    with watched_page(browser, server, 390, 844) as friend:
        friend.goto(page.url)
        wait_until_settled(friend)
        expect(friend.get_by_text("You are watching somebody else's run")).to_be_visible(timeout=PATIENCE)
        expect(friend.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
        expect(friend.get_by_text(FINAL_EXAM, exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(FINAL_EXAM, exact=True)).to_be_visible(timeout=PATIENCE)
    chart = page.get_by_label(re.compile("Accuracy over the epochs: after epoch 3"))
    expect(chart.first).to_be_attached(timeout=PATIENCE)
    right = page.get_by_text(re.compile(r"after epoch 3: \d+ of 12 right"))
    expect(right).to_have_count(1, timeout=PATIENCE)
    assert int(re.search(r"(\d+) of 12", right.inner_text()).group(1)) >= 8
    page.reload()
    expect(page.get_by_text(FINAL_EXAM, exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="See its mistakes").click()
    expect(page.get_by_text(re.compile(r"of 360 test images are wrong"))).to_be_visible(timeout=PATIENCE)


def test_a_copied_address_shares_the_settings_and_another_network_forgets_them(page: Page) -> None:
    shared = "training.set.epochs=12&training.set.batch=64"
    open_page(page, f"/training?level=lab&{shared}")
    batch = page.get_by_role("spinbutton", name="Batch size")
    expect(batch).to_have_value("64")
    batch.fill("48")
    batch.press("Enter")
    page.wait_for_url(re.compile("batch=48"))
    page.get_by_role("combobox", name=re.compile("Network")).click()
    page.get_by_role("option", name="dense").click()
    page.wait_for_url(re.compile(r"network=dense$"))
    expect(batch).to_have_value("32")
    expect(page.get_by_role("slider", name=re.compile("epochs"))).to_have_value("5")
    # The browser must have taken it too: what it still held would come back with the next change.
    page.get_by_role("spinbutton", name="Seed").fill("3")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    page.wait_for_url(re.compile(r"network=dense&training\.set\.seed=3$"))
    expect(batch).to_have_value("32")


def test_a_run_can_be_stopped_and_keeps_what_it_learned(page: Page) -> None:
    start_training(page, epochs=30)
    expect(page.get_by_text(re.compile(r"Epoch [2-9]\d? of 30"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(FINAL_EXAM, exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("link", name="Try a photo on it")).to_be_visible()


def test_a_one_is_read_as_a_one_drawn_with_a_pointer_or_with_the_keyboard_alone(page: Page) -> None:
    open_page(page, "/predict?model=digits-tutorial")
    page.get_by_role("radio", name="Draw").click()
    canvas = page.get_by_role("application", name="Draw a digit here")
    expect(canvas).to_be_visible(timeout=PATIENCE)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 140, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 240, steps=20)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"It says: 1,"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Clear the drawing").click()
    expect(page.get_by_text(re.compile(r"It says:"))).to_have_count(0, timeout=PATIENCE)
    canvas.focus()
    for key in ["ArrowUp"] * 10 + ["Space"] + ["ArrowDown"] * 20 + ["Space"]:
        page.keyboard.press(key)
    expect(page.get_by_text(re.compile(r"It says: 1,"))).to_be_visible(timeout=PATIENCE)


def photo(colour: tuple[int, int, int], form: str = "PNG") -> bytes:
    """A plain background with a filled circle."""
    rows, columns = np.mgrid[:200, :300]
    inside = (rows - 100) ** 2 + (columns - 150) ** 2 < 70**2
    pixels = np.where(inside[..., None], np.uint8(colour), np.uint8((235, 232, 220))).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form)
    return file.getvalue()


def test_photos_are_answered_a_broken_one_says_why_and_the_camera_takes_one(page: Page) -> None:
    open_page(page, "/predict?model=shapes-tutorial")
    page.get_by_role("radio", name="Upload").click()
    upload = page.locator("input[type=file]")
    upload.set_input_files([{"name": "dot.png", "mimeType": "image/png", "buffer": photo((40, 80, 190))}])
    expect(page.get_by_text(re.compile(r"It says: circle,"))).to_be_visible(timeout=PATIENCE)
    files = [
        {"name": "red.jpg", "mimeType": "image/jpeg", "buffer": photo((190, 40, 40), "JPEG")},
        {"name": "broken.png", "mimeType": "image/png", "buffer": photo((0, 0, 0))[:120]},
    ]
    upload.set_input_files(files)
    expect(page.get_by_text(re.compile("broken.png.*"))).not_to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("button", name="Download this table (CSV)")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this table (CSV)").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == "file,class,probability"
    assert [row.split(",")[:2] for row in rows[1:]] == [["dot.png", "circle"], ["red.jpg", "circle"]]

    page.get_by_role("radio", name="Camera").click()
    shutter = page.get_by_role("button", name="Take Photo")
    expect(shutter).to_be_enabled(timeout=PATIENCE)
    expect(page.locator("video")).to_have_js_property("readyState", 4, timeout=PATIENCE)
    shutter.click()
    expect(page.get_by_text(re.compile(r"It says:"))).to_be_visible(timeout=PATIENCE)


def test_a_link_to_what_is_not_there_gets_sentences(page: Page) -> None:
    open_page(page, "/training?run=nothing-here&model=gone&dataset=martians")
    expect(page.get_by_text(re.compile(r"There is no run|(model|data set) that is not here"))).to_have_count(3)
    expect(page.get_by_role("button", name="Start training")).to_be_visible()


def test_cifar10_is_browsed(page: Page, cifar10: None) -> None:
    open_page(page, "/images?dataset=cifar10")
    expect(page.get_by_text("of 45,000")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name=re.compile(", image 1$"))).to_be_visible()
