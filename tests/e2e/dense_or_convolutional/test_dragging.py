"""Dense or convolutional? in a real browser: an object dragged and moved with keys; its answers are the networks'."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from cnn.analysis.evaluation.shifts import draw_at_positions
from cnn.data.builtin.shape_drawing import NAMES
from cnn.model import store
from cnn.model.predict import predictor
from cnn.pretrained import comparison_results
from tests.e2e.browser import axe_findings
from tools.browser_page import open_page

PATIENCE = 180_000


def test_every_answer_is_the_networks_wherever_the_object_is(page: Page) -> None:
    open_page(page, "/dense_or_convolutional?dense.kind=heart&dense.seed=4")
    drawn = draw_at_positions(NAMES.index("heart"), 4)
    answers = [
        predictor(store.load_file(store.card_in(comparison_results.folder("shapes-left-right", name))))(drawn.images)
        for name in comparison_results.NETWORKS
    ]
    picture = page.get_by_role("slider", name="Place of the object")
    expect(picture).to_be_visible(timeout=PATIENCE)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None

    def shown(place: int) -> None:
        said = page.locator(".drag .said")
        for row, given in enumerate(answers):
            best = int(given[place].argmax())
            share = given[place][best]
            sure = "over 99" if share > 0.995 else f"{np.floor(100 * share + 0.5):.0f}"
            expect(said.nth(row)).to_contain_text(f"says {NAMES[best]} ({sure}\u00a0%)")

    shown(8)
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    for column in (12, 20, 24):
        page.mouse.move(box["x"] + box["width"] * column / 32, box["y"] + box["height"] / 2)
        shown(int(np.argmin(np.abs(drawn.centres - column))))
    page.mouse.up()
    picture.focus()
    page.keyboard.press("End")
    shown(48)
    page.keyboard.press("ArrowLeft")
    shown(47)
    expect(picture).to_have_attribute("aria-valuetext", re.compile("^Column 28 of 32. The dense network says "))
    assert axe_findings(page) == []


def test_moved_photos_and_one_unit_suit_everyone(phone: Page) -> None:
    for view, seen in (("photos", "All 10,000 test images of CIFAR-10"), ("units", "What one number can see")):
        open_page(phone, f"/dense_or_convolutional?dense.view={view}")
        expect(phone.get_by_text(seen)).to_be_visible(timeout=PATIENCE)
        assert axe_findings(phone) == []
