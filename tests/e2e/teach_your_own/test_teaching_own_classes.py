"""Teach your own in a real browser: photos uploaded several at once, taken with the camera, and pasted."""

import base64
import io
import re
from collections.abc import Sequence

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.training.few_shot_head import suggest_improvements
from tests.e2e.browser import PATIENCE, axe_findings, keyed
from tests.e2e.teach_your_own.teaching import (
    BROKEN,
    begin,
    choose_class,
    classes,
    counts,
    files,
    load_example,
    photos_come_from,
    problem,
)
from tools.browser_page import open_page

CAMERA, PASTE = 1, 2  # among the ways in which photos come


def advised(page: Page, sentences: Sequence[str]) -> None:
    """These sentences, and no others, say what would help."""
    assert sentences
    for number, sentence in enumerate(sentences):
        expect(keyed(page, f"teach.advice.{number}")).to_contain_text(sentence, timeout=PATIENCE)
    expect(keyed(page, f"teach.advice.{len(sentences)}")).to_have_count(0)


def test_it_opens_on_an_example_and_is_broken_on_purpose(page: Page) -> None:
    open_page(page, "/teach_your_own")
    expect(keyed(page, "teach.held_out")).to_be_visible(timeout=PATIENCE)
    parts = keyed(page, "teach.columns")
    expect(parts.get_by_role("heading", level=2)).to_have_count(3)  # the photos, a try, and how good it is
    expect(keyed(page, "teach.answer").get_by_role("heading", level=3)).to_be_visible()
    assert axe_findings(page) == []
    load_example(page, BROKEN)
    guess = keyed(page, "teach.guess").get_by_role("radio", name="moon")
    expect(guess).to_be_visible(timeout=PATIENCE)
    expect(keyed(page, "teach.lesson")).to_have_count(0)
    guess.click()
    expect(keyed(page, "teach.lesson")).to_be_visible(timeout=PATIENCE)
    expect(keyed(page, "teach.answer.lesson")).to_contain_text("circle")
    assert axe_findings(page) == []


def test_photos_are_uploaded_several_at_once_and_another_is_answered_on_a_phone(phone: Page) -> None:
    names = begin(phone)
    for number, kind in enumerate(("star", "circle")):
        choose_class(phone, number)
        phone.locator("input[type=file]").first.set_input_files(files(kind, range(5)))
        counts(phone, 5, 5 * number)
    expect(keyed(phone, "teach.untested")).to_be_visible(timeout=PATIENCE)
    phone.locator("input[type=file]").last.set_input_files(files("circle", range(70, 71)))
    expect(keyed(phone, "teach.answer")).to_contain_text(names[1], timeout=PATIENCE)
    evidence = keyed(phone, "teach.answer.pictures").get_by_role("img", name=re.compile(rf"\b{names[1]}\b"))
    expect(evidence).to_be_visible()
    assert axe_findings(phone) == []
    keyed(phone, "teach.delete").get_by_role("button").click()
    keyed(phone, "teach.question.yes").get_by_role("button").click()
    counts(phone, 0, 0)


def test_a_photo_is_taken_with_the_camera(page: Page) -> None:
    names = begin(page)
    photos_come_from(page, CAMERA)
    camera = page.get_by_test_id("stCameraInput")
    expect(camera.locator("video")).to_be_visible(timeout=PATIENCE)
    expect(camera.get_by_role("button", name="Take Photo")).to_be_enabled(timeout=PATIENCE)
    camera.scroll_into_view_if_needed()  # Chromium does not start a muted video that is out of sight
    playing = "video => video.readyState >= 2 && video.videoWidth > 0 && video.currentTime > 0.5"
    expect(camera.locator("video")).to_have_js_property("paused", False)
    for _ in range(100):
        if camera.locator("video").evaluate(playing):
            break
        page.wait_for_timeout(100)
    camera.get_by_role("button", name="Take Photo").click()
    counts(page, 1, 0)
    expect(keyed(page, "teach.problem")).to_have_text(problem([1, 0], names))


def test_a_picture_is_pasted_from_the_clipboard(page: Page) -> None:
    names = begin(page)
    photos_come_from(page, PASTE)
    field = keyed(page, "teach.in.paste").get_by_role("textbox")
    expect(field).to_be_visible(timeout=PATIENCE)
    for number, kind in enumerate(("star", "circle")):
        choose_class(page, number)
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
        counts(page, 1, number)
    advised(page, suggest_improvements(np.array([0, 1]), names, [b"star", b"circle"]))
    assert axe_findings(page) == []


def test_what_is_refused_is_said_and_nothing_is_lost_on_a_phone(phone: Page) -> None:
    begin(phone)
    keyed(phone, "teach.more").get_by_role("button").click()
    expect(classes(phone)).to_have_count(3)
    names = classes(phone).all_inner_texts()
    uploader = phone.locator("input[type=file]").first
    corrupt = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no photo at all"}
    star = files("star", range(1))
    uploader.set_input_files([*star, corrupt, *files("star", range(1, 3))])
    counts(phone, 3, 0, 0)
    expect(phone.get_by_text("broken.jpg")).to_have_count(1)
    expect(keyed(phone, "teach.problem")).to_have_text(problem([3, 0, 0], names))
    choose_class(phone, 1)
    uploader.set_input_files(star)
    counts(phone, 3, 1, 0)
    expect(keyed(phone, "teach.problem")).to_have_text(problem([3, 1, 0], names))
    choose_class(phone, 2)
    uploader.set_input_files([{**star[0], "name": f"{number}.jpg"} for number in range(500)])
    counts(phone, 3, 1, 100)
    expect(keyed(phone, "teach.refused.0")).to_have_text(re.compile(r"^\D*500\D+100\D"))
    same = [b"0", b"1", b"2", b"0", *[b"0"] * 100]
    advised(phone, suggest_improvements(np.repeat([0, 1, 2], [3, 1, 100]), names, same))
    assert axe_findings(phone) == []
