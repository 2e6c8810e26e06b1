"""Teach your own in a real browser: photos uploaded several at once, taken with the camera, and pasted."""

import base64
import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from cnn.data.builtin.tabletop_photos import draw_on_table
from tests.e2e.browser import PATIENCE, axe_findings
from tools.browser_page import open_page


def photo(name: str, number: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(draw_on_table(name, 1, seed=number, border=4)[0]).resize((240, 240)).save(file, "JPEG")
    return file.getvalue()


def files(name: str, numbers: range) -> list[dict]:
    return [{"name": f"{name}-{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(name, n)} for n in numbers]


def begin(page: Page) -> None:
    open_page(page, "/teach_your_own")
    expect(page.get_by_text(re.compile("^It says: "))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Start with empty classes").click()
    expect(page.get_by_text("There are no photos yet")).to_be_visible()


def counts(page: Page, *expected: str) -> None:
    for number, text in enumerate(expected):
        expect(page.get_by_text(re.compile(r"^\d+ photos?$")).nth(number)).to_have_text(text, timeout=PATIENCE)


def choose(page: Page, name: str) -> None:
    page.get_by_role("radiogroup", name="Photos for").get_by_role("radio", name=name).click()


def test_it_opens_on_an_example_and_is_broken_on_purpose(page: Page) -> None:
    open_page(page, "/teach_your_own")
    expect(page.get_by_text("photos that it had never seen are right")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []
    page.get_by_role("button", name="Break it on purpose").click()
    guess = page.get_by_role("radiogroup", name="Your guess")
    expect(guess).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Look at the evidence")).to_have_count(0)
    guess.get_by_role("radio", name="moon").click()
    expect(page.get_by_text("Look at the evidence")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("It says: circle").last).to_be_visible()
    assert axe_findings(page) == []


def test_photos_are_uploaded_several_at_once_and_another_is_answered_on_a_phone(phone: Page) -> None:
    begin(phone)
    for name, kind in (("Class A", "star"), ("Class B", "circle")):
        choose(phone, name)
        phone.locator("input[type=file]").first.set_input_files(files(kind, range(5)))
        counts(phone, "5 photos", "5 photos" if name == "Class B" else "0 photos")
    expect(phone.get_by_text("With six photos or more")).to_be_visible(timeout=PATIENCE)
    phone.locator("input[type=file]").last.set_input_files(files("circle", range(70, 71)))
    expect(phone.get_by_text("It says: Class B")).to_be_visible(timeout=PATIENCE)
    expect(phone.get_by_role("img", name="Where the evidence for Class B is")).to_be_visible()
    assert axe_findings(phone) == []
    phone.get_by_role("button", name="Delete all photos").click()
    counts(phone, "0 photos", "0 photos")


def test_a_photo_is_taken_with_the_camera(page: Page) -> None:
    begin(page)
    page.get_by_role("radiogroup", name="How").get_by_role("radio", name="Camera").click()
    camera = page.get_by_test_id("stCameraInput")
    expect(camera.locator("video")).to_be_visible(timeout=PATIENCE)
    expect(camera.get_by_role("button", name="Take Photo")).to_be_enabled(timeout=PATIENCE)
    playing = "video => video.readyState >= 2 && video.videoWidth > 0 && video.currentTime > 0.5"
    expect(camera.locator("video")).to_have_js_property("paused", False)
    for _ in range(100):
        if camera.locator("video").evaluate(playing):
            break
        page.wait_for_timeout(100)
    camera.get_by_role("button", name="Take Photo").click()
    counts(page, "1 photo", "0 photos")
    expect(page.get_by_text("There are photos of one class only, “Class A”")).to_be_visible(timeout=PATIENCE)


def test_a_picture_is_pasted_from_the_clipboard(page: Page) -> None:
    begin(page)
    page.get_by_role("radiogroup", name="How").get_by_role("radio", name="Paste").click()
    field = page.get_by_role("textbox", name="Paste a picture here")
    expect(field).to_be_visible(timeout=PATIENCE)
    for number, (name, kind) in enumerate((("Class A", "star"), ("Class B", "circle"))):
        choose(page, name)
        expect(field).to_be_visible()
        file = io.BytesIO()
        Image.fromarray(np.asarray(draw_on_table(kind, 1, border=4)[0])).save(file, "PNG")
        field.evaluate(
            """async (element, data) => {
                const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
                const transfer = new DataTransfer()
                transfer.items.add(new File([bytes], "image.png", { type: "image/png" }))
                element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }))
            }""",
            base64.b64encode(file.getvalue()).decode(),
        )
        counts(page, "1 photo", "1 photo" if number else "0 photos")
    expect(page.get_by_text("“Class A” has fewer than 5 photos")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []


def test_what_is_refused_is_said_and_nothing_is_lost_on_a_phone(phone: Page) -> None:
    begin(phone)
    phone.get_by_role("button", name="One more class").click()
    uploader = phone.locator("input[type=file]").first
    corrupt = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no photo at all"}
    star = files("star", range(1))
    uploader.set_input_files([*star, corrupt, *files("star", range(1, 3))])
    counts(phone, "3 photos", "0 photos", "0 photos")
    expect(phone.get_by_text("broken.jpg")).to_have_count(1)
    expect(phone.get_by_text("There are photos of one class only, “Class A”")).to_be_visible(timeout=PATIENCE)
    choose(phone, "Class B")
    uploader.set_input_files(star)
    counts(phone, "3 photos", "1 photo", "0 photos")
    expect(phone.get_by_text("The class “Class C” has no photos yet")).to_be_visible(timeout=PATIENCE)
    choose(phone, "Class C")
    uploader.set_input_files([{**star[0], "name": f"{number}.jpg"} for number in range(500)])
    counts(phone, "3 photos", "1 photo", "100 photos")
    expect(phone.get_by_text("These were 500 photos; a class can have 100")).to_be_visible(timeout=PATIENCE)
    expect(phone.get_by_text("The same photo is in “Class A” and in “Class B”")).to_have_count(1)
    assert axe_findings(phone) == []
