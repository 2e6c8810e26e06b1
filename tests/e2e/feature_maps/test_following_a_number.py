"""Feature maps in a real browser: a number followed from the answer down to a pixel, every step held against NumPy."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import NumberOrigin, number_origin
from cnn.data import catalog
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to
from cnn.model import store
from tests.e2e.browser import axe_findings
from tools.browser_page import open_page

PATIENCE = 180_000


def number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}".replace("-", "−")


def step(page: Page, found: NumberOrigin) -> tuple[int, ...]:
    """Choose the number that counts most in what is shown; gives its index."""
    beyond = np.reshape([at is None for at in found.sources.ravel()], found.sources.shape)
    counts = np.where(beyond, -1, np.abs(found.products))
    best = tuple(int(each) for each in np.unravel_index(int(counts.argmax()), counts.shape))
    parts = page.locator(f'.origin[data-fingerprint="{found.layer} {found.position}"]')
    expect(parts).to_be_visible()
    if found.values.ndim == 3 and found.values.shape[0] > 1:
        parts.locator(f'.channels button[data-index="{best[2]}"]').click()
        expect(parts.locator(f'.channels button[data-index="{best[2]}"]')).to_have_attribute("aria-pressed", "true")
        chosen = parts.get_by_role("button", name=re.compile(rf"row {best[0] + 1}, column {best[1] + 1}: where"))
        shown = float(f"{found.values[best]:.3g}")
        expect(chosen).to_have_text(re.sub(r"\.0$", "", str(shown)).replace("-", "−"))
    else:
        name = f"number {best[0] + 1}" if found.values.size > 2 else "the number before"
        chosen = parts.get_by_role("button", name=name, exact=True).first
    chosen.click()
    return best


def follow(page: Page, id: str, image: np.ndarray, home: Path | None = None) -> list[str]:
    """From the answer to a pixel; gives the layers on the way."""
    card = store.card(id)
    model = store.load_file(card)
    numbers = layer_outputs(model)(image[None])
    layer, place = "logits", (int(numbers["logits"][0].argmax()),)
    first = page.get_by_text(f"score of {card.class_names[place[0]]}", exact=True)
    expect(first).to_be_visible(timeout=PATIENCE)
    passed = []
    while layer != model.layers[0].name:
        passed.append(layer)
        value = float(numbers[layer][0][place])
        expect(page.get_by_text(re.compile(rf": {re.escape(number(value))}$")).last).to_be_visible()
        found = number_origin(model, numbers, layer, place)
        assert abs(found.result - value) <= 1e-4 * max(1, abs(value))
        best = step(page, found)
        layer, place = found.sources[best]
        where = f"row {place[0] + 1}, column {place[1] + 1}" if len(place) == 3 else f"{layer}, number {place[0] + 1}"
        expect(page.get_by_text(where).last).to_be_visible()
    expect(page.get_by_text("here the way ends")).to_be_visible()
    expect(page.get_by_text(re.compile(rf": {image[place]}$")).last).to_be_visible()
    return passed


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_from_the_answer_of_a_pretrained_network_to_a_pixel(page: Page, id: str) -> None:
    open_page(page, f"/feature_maps?model={id}&maps.begin=answer")
    ours = page.get_by_role("radio", name="A photo of ours")
    expect(ours).to_be_visible(timeout=PATIENCE)
    ours.click()
    image = fit_to(load_photo(next(iter(PHOTOS))), store.card(id).input_shape)
    passed = follow(page, id, image)
    assert {"logits", "conv_1", "rescaling"} <= set(passed)


def test_from_the_answer_of_a_network_trained_just_now_to_a_pixel(
    page: Page, server_home: Path, just_trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    open_page(page, f"/feature_maps?model={just_trained}&maps.begin=answer")
    assert "conv_1" in follow(page, just_trained, catalog.load("digits", "test").image(0))


def test_a_map_is_read_number_by_number_and_one_is_chosen(page: Page, server_home: Path, monkeypatch) -> None:
    open_page(page, "/feature_maps?dataset=shapes&model=shapes-tutorial")
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    expect(page.get_by_text("What excites it most")).to_be_visible(timeout=PATIENCE)
    image = catalog.load("shapes", "test").image(0)
    maps = layer_outputs(store.load("shapes-tutorial"))(image[None])
    page.get_by_role("button", name=re.compile("Layer conv_2")).click()
    expect(page.get_by_role("heading", name="The 64 maps of conv_2")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Map 9, up to")).click()
    picture = page.get_by_role("application", name=re.compile("Map 9 of conv_2"))
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    row, column = 4, 9
    page.mouse.move(box["x"] + (column + 0.5) * box["width"] / 13, box["y"] + (row + 0.5) * box["height"] / 13)
    value = float(f"{maps['conv_2'][0, row, column, 8]:.5g}")
    said = str(value).removesuffix(".0").replace("-", "−")
    expect(page.get_by_text(f"Row {row + 1}, column {column + 1}: {said}", exact=True)).to_be_visible()
    page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 13, box["y"] + (row + 0.5) * box["height"] / 13)
    expect(page.get_by_text(f"conv_2, map 9, row {row + 1}, column {column + 1}")).to_be_visible()
    expect(page.get_by_text(re.compile("^288 products add up to"))).to_be_visible()
    expect(page.get_by_text("it can see 8 × 8 pixels")).to_be_visible()
    assert axe_findings(page) == []


def test_it_suits_a_phone(phone: Page) -> None:
    open_page(phone, "/feature_maps?dataset=shapes&model=shapes-tutorial&maps.begin=answer")
    expect(phone.get_by_text("64 products add up to")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(phone) == []
