"""The app's main job in a real browser: train, watch, stop, share, draw, upload, take a photo."""

import csv
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from cnn.data.image_decoding import decode_all
from cnn.errors import JobError
from cnn.jobs import queue
from cnn.model.presets import network_title
from tests.e2e.browser import CAMERA, DRAW, PATIENCE, UPLOAD, keyed, open_way, watched_page
from tests.e2e.training_runs import run_result, start_training
from tools.browser_page import open_page


def answer(page: Page) -> Locator:
    return keyed(page, "predict.answer")


def says(name: str) -> re.Pattern[str]:
    """Matches an answer that names this class, and how sure it is."""
    return re.compile(rf"\b{name}\b\D+\d+\s%$")


def test_a_pupil_trains_on_digits_and_the_curve_grows(page: Page, browser: Browser, server: str) -> None:
    start_training(page, epochs=3)
    expect(keyed(page, "training.progress")).to_have_text(re.compile(r"^\D*[1-3]\D+3\D"), timeout=PATIENCE)
    with watched_page(browser, server, 390, 844) as friend:
        friend.goto(page.url)
        expect(keyed(friend, "training.spectator")).to_be_visible(timeout=PATIENCE)
        expect(keyed(friend, "training.stop")).to_have_count(0)
        expect(run_result(friend)).to_be_visible(timeout=PATIENCE)
    expect(run_result(page)).to_be_visible(timeout=PATIENCE)
    last_epoch = re.compile(r"^\D+3\D+\d+\s%\D+\d+\s%\D+$")
    expect(keyed(page, "training.accuracy_curve").get_by_label(last_epoch).first).to_be_attached(timeout=PATIENCE)
    announcement = keyed(page, "training.announcement").get_by_role("status")
    expect(announcement).to_have_text(re.compile(r"^\D*3\D+3\D+\d+\s%"), timeout=PATIENCE)
    watched = keyed(page, "training.watched")
    expect(watched).to_have_text(re.compile(r"\D3\D+\d+\D+12\D+$"), timeout=PATIENCE)
    assert int(re.search(r"(\d+)\D+12\D+$", watched.inner_text()).group(1)) >= 8
    page.reload()
    expect(run_result(page)).to_be_visible(timeout=PATIENCE)
    exam = keyed(page, "training.exam")
    expect(exam).to_have_count(0)
    keyed(page, "training.exam.open").get_by_role("button").click()
    expect(exam).to_have_text(re.compile(r"\d\s%.*\b360\b.*\b20\d\d\b.*\bonce\b", re.DOTALL), timeout=PATIENCE)
    page.reload()
    expect(exam).to_have_text(re.compile(r"\btwice\b"), timeout=PATIENCE)
    expect(run_result(page)).to_have_count(0)
    keyed(page, "training.next").locator('a[href*="view=mistakes"]').click()
    expect(keyed(page, "mistakes.count")).to_have_text(re.compile(r"^\D*\d+\D+360\D+$"), timeout=PATIENCE)


def test_a_copied_address_shares_the_settings_and_another_network_forgets_them(page: Page) -> None:
    shared = "training.set.epochs=12&training.set.batch=64"
    open_page(page, f"/training?level=lab&{shared}")
    batch = keyed(page, "training.set.batch").get_by_role("spinbutton")
    expect(batch).to_have_value("64")
    batch.fill("48")
    batch.press("Enter")
    page.wait_for_url(re.compile("batch=48"))
    keyed(page, "training.network").get_by_role("combobox").click()
    page.get_by_role("option", name=network_title("dense")).click()
    page.wait_for_url(re.compile(r"network=dense$"))
    expect(batch).to_have_value("32")
    expect(keyed(page, "training.set.epochs").get_by_role("slider")).to_have_value("5")
    # The browser must have taken it too: what it still held would come back with the next change.
    seed = keyed(page, "training.set.seed").get_by_role("spinbutton")
    seed.fill("3")
    seed.press("Enter")
    page.wait_for_url(re.compile(r"network=dense&training\.set\.seed=3$"))
    expect(batch).to_have_value("32")


def test_a_run_can_be_stopped_and_keeps_what_it_learned(page: Page) -> None:
    start_training(page, epochs=30)
    second_epoch = re.compile(r"^\D*([2-9]|[12]\d)\D+30\D")
    expect(keyed(page, "training.progress")).to_have_text(second_epoch, timeout=PATIENCE)
    keyed(page, "training.stop").get_by_role("button").click()
    expect(keyed(page, "training.stopped")).to_be_visible(timeout=PATIENCE)
    expect(run_result(page)).to_be_visible(timeout=PATIENCE)
    expect(keyed(page, "training.next").locator('a[href^="predict?"]')).to_be_visible()


def test_a_one_is_read_as_a_one_drawn_with_a_pointer_or_with_the_keyboard_alone(page: Page) -> None:
    open_page(page, "/predict?model=digits-tutorial")
    open_way(page, DRAW)
    drawing = keyed(page, "picture.drawing")
    canvas = drawing.get_by_role("application")
    expect(canvas).to_be_visible(timeout=PATIENCE)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 140, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 240, steps=20)
    page.mouse.up()
    expect(answer(page)).to_have_text(says("1"), timeout=PATIENCE)
    drawing.get_by_role("button").click()
    expect(answer(page)).to_have_count(0, timeout=PATIENCE)
    canvas.focus()
    for key in ["ArrowUp"] * 10 + ["Space"] + ["ArrowDown"] * 20 + ["Space"]:
        page.keyboard.press(key)
    expect(answer(page)).to_have_text(says("1"), timeout=PATIENCE)


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
    open_way(page, UPLOAD)
    upload = page.locator("input[type=file]")
    dot = {"name": "dot.png", "mimeType": "image/png", "buffer": photo((40, 80, 190))}
    upload.set_input_files([dot])
    expect(answer(page)).to_have_text(says("circle"), timeout=PATIENCE)
    broken = photo((0, 0, 0))[:120]
    files = [
        dot,
        {"name": "red.jpg", "mimeType": "image/jpeg", "buffer": photo((190, 40, 40), "JPEG")},
        {"name": "broken.png", "mimeType": "image/png", "buffer": broken},
    ]
    expect(upload).to_have_count(0)  # the photo is among the pictures now
    open_way(page, UPLOAD)
    upload.set_input_files(files)
    (_, reason), *_ = decode_all([("broken.png", broken)])[1]
    expect(keyed(page, "picture.unreadable.2")).to_have_text(reason, timeout=PATIENCE)
    table = keyed(page, "predict.csv").get_by_role("button")
    expect(table).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        table.click()
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["file", "class", "probability"]
    assert [row[:2] for row in rows[1:]] == [["dot.png", "circle"], ["red.jpg", "circle"]]

    open_way(page, CAMERA)
    shutter = page.get_by_role("button", name="Take Photo")
    expect(shutter).to_be_enabled(timeout=PATIENCE)
    expect(page.locator("video")).to_have_js_property("readyState", 4, timeout=PATIENCE)
    shutter.click()
    expect(answer(page)).to_be_visible(timeout=PATIENCE)


def test_a_link_to_what_is_not_there_gets_sentences(page: Page) -> None:
    open_page(page, "/training?run=nothing-here&model=gone&dataset=martians")
    for problem, name in enumerate(("martians", "gone")):
        expect(keyed(page, f"shell.problem.{problem}")).to_contain_text(name)
    with pytest.raises(JobError) as refused:
        queue.read("nothing-here")
    expect(keyed(page, "training.run_error")).to_have_text(str(refused.value))
    expect(keyed(page, "training.start").get_by_role("button")).to_be_visible()
