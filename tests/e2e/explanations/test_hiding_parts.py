"""Explanations in a real browser: a grey square dragged and moved with keys; its answers are the network's."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cnn.analysis.attribution.gradients import METHODS, attribution, cam_layers
from cnn.analysis.attribution.heat_borders import heat_borders
from cnn.analysis.attribution.occlusion import occlusion
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import enlarge_to
from cnn.model import store
from cnn.model.predict import predictor
from tests.e2e.browser import PATIENCE, axe_findings, keyed, sure
from tests.e2e.images.test_three_data_sets import drawn
from tools.browser_page import open_page


def open_with_sample_photo(page: Page, path: str) -> np.ndarray:
    """Open a page on a sample photo; gives it as the network gets it."""
    name = next(iter(PHOTOS))
    open_page(page, f"{path}&picture=photo-{name}")
    return fit_to(load_photo(name), (32, 32, 3))


def test_the_answer_to_what_is_left_is_the_networks_own(page: Page) -> None:
    image = open_with_sample_photo(page, "/explanations?model=cifar10-tutorial")
    card = store.card("cifar10-tutorial")
    found = occlusion(predictor(store.load_file(card)), image, 8, 2)
    canvas = page.locator(".occluder").get_by_role("application")
    expect(canvas).to_be_visible(timeout=PATIENCE)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None

    def shown(row: int, column: int) -> None:
        answer = found.probabilities[row, column]
        now = int(answer.argmax())
        # First what it says to what is left, last how sure it was of the whole picture.
        text = rf"^\D*\b{card.class_names[now]}\W+{sure(answer[now])}.*\b{sure(found.whole.max())}\D*$"
        expect(page.locator(".occluder .line")).to_have_text(re.compile(text))

    for row, column in ((3, 4), (10, 9), (0, 15)):
        centre = found.lefts[column] + 4, found.tops[row] + 4
        x, y = (min(31.5, max(0.5, each)) for each in centre)
        page.mouse.move(box["x"] + box["width"] * x / 32, box["y"] + box["height"] * y / 32)
        shown(row, column)
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    shown(1, 14)
    assert axe_findings(page) == []


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_the_heatmap_is_the_methods(page: Page, id: str) -> None:
    image = open_with_sample_photo(page, f"/explanations?model={id}&explain.view=heat")
    model, names = store.load(id), store.card(id).class_names
    best = int(np.asarray(model(image[None]))[0].argmax())
    heat = attribution(model, "grad-cam", cam_layers(model)[0])(image[None], best)[0]
    alt = re.compile(rf"^{METHODS['grad-cam']}\b.*\b{names[best]}\b")
    picture = drawn(page.get_by_role("img", name=alt))
    expected = draw_heatmap(enlarge_to(image, 320), heat, heat_borders(model, "grad-cam"))
    assert np.abs(picture.astype(int) - expected).max() <= 3  # rounded once more
    assert axe_findings(page) == []


def test_a_network_trained_just_now_is_explained_on_a_phone(phone: Page, server_home: Path, just_trained: str) -> None:
    open_page(phone, f"/explanations?model={just_trained}&explain.view=heat&level=lab")
    keyed(phone, "explain.forget").get_by_role("button").click()
    forgotten = keyed(phone, "explain.forgotten").get_by_role("listitem")
    expect(forgotten.filter(has_text=re.compile(r"^conv_1\b.*\d$"))).to_be_visible(timeout=PATIENCE)
    assert axe_findings(phone) == []
