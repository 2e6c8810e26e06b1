"""Dense or convolutional? in a real browser: an object dragged and moved with keys; its answers are the networks'."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from cnn.analysis.evaluation.shifts import draw_at_positions
from cnn.data.builtin.shape_drawing import NAMES
from cnn.model import store
from cnn.model.predict import predictor
from cnn.pretrained import comparison_results
from pages.lessons.dense_or_convolutional.networks import TITLES
from tests.e2e.browser import PATIENCE, axe_findings, keyed, sure
from tools.browser_page import open_page


def test_every_answer_is_the_networks_wherever_the_object_is(page: Page) -> None:
    open_page(page, "/dense_or_convolutional?dense.kind=heart&dense.seed=4")
    drawn = draw_at_positions(NAMES.index("heart"), 4)
    answers = [
        predictor(store.load_file(store.card_in(comparison_results.folder("shapes-left-right", name))))(drawn.images)
        for name in comparison_results.NETWORKS
    ]
    picture = page.locator(".drag").get_by_role("slider")
    expect(picture).to_be_visible(timeout=PATIENCE)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None

    def shown(place: int) -> None:
        said = page.locator(".drag .said")
        for row, given in enumerate(answers):
            best = int(given[place].argmax())
            expect(said.nth(row)).to_have_text(re.compile(rf"\b{NAMES[best]} \({sure(given[place][best])}\)"))

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
    expect(picture).to_have_attribute("aria-valuetext", re.compile(rf"^\D*28\D+32\D+\b{TITLES['dense']}\b"))
    assert axe_findings(page) == []


def test_moved_photos_and_one_unit_suit_everyone(phone: Page) -> None:
    open_page(phone, "/dense_or_convolutional?dense.view=photos")
    expect(keyed(phone, "dense.photos")).to_contain_text("10,000", timeout=PATIENCE)
    assert axe_findings(phone) == []
    open_page(phone, "/dense_or_convolutional?dense.view=units")
    expect(keyed(phone, "dense.units")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(phone) == []
