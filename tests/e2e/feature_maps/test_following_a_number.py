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
from tests.e2e.browser import PATIENCE, axe_findings, keyed, with_numbers
from tools.browser_page import open_page


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
        # The first of the grids is that of the numbers, row by row.
        chosen = parts.locator(".cells").first.locator(
            f":scope > :nth-child({best[0] * found.values.shape[1] + best[1] + 1})"
        )
        shown = float(f"{found.values[best]:.3g}")
        expect(chosen).to_have_text(re.sub(r"\.0$", "", str(shown)).replace("-", "−"))
    else:
        chosen = parts.locator(".rows").get_by_role("button")
        if found.values.size > 2:
            index = int(np.ravel_multi_index(best, found.values.shape))
            chosen = chosen.filter(has_text=re.compile(rf"\b{index + 1}$"))
        chosen = chosen.first
    chosen.click()
    return best


def follow(page: Page, id: str, image: np.ndarray, home: Path | None = None) -> list[str]:
    """From the answer to a pixel; gives the layers on the way."""
    card = store.card(id)
    model = store.load_file(card)
    numbers = layer_outputs(model)(image[None])
    layer, place = "logits", (int(numbers["logits"][0].argmax()),)
    at_hand = keyed(page, "maps.step")
    expect(at_hand).to_have_text(re.compile(rf"\b{card.class_names[place[0]]}\W"), timeout=PATIENCE)
    passed = []
    while layer != model.layers[0].name:
        passed.append(layer)
        value = float(numbers[layer][0][place])
        expect(at_hand).to_have_text(re.compile(rf"\W {re.escape(number(value))}$"))
        found = number_origin(model, numbers, layer, place)
        assert abs(found.result - value) <= 1e-4 * max(1, abs(value))
        best = step(page, found)
        layer, place = found.sources[best]
        where = rf"\b{place[0] + 1}\D+{place[1] + 1}" if len(place) == 3 else rf"\D{place[0] + 1}"
        expect(at_hand).to_have_text(re.compile(rf"^{layer}\b.*{where}\W"))
    expect(keyed(page, "maps.pixel")).to_be_visible()
    expect(at_hand).to_have_text(re.compile(rf"\W {image[place]}$"))
    return passed


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_from_the_answer_of_a_pretrained_network_to_a_pixel(page: Page, id: str) -> None:
    name = next(iter(PHOTOS))
    open_page(page, f"/feature_maps?model={id}&maps.begin=answer&picture=photo-{name}")
    image = fit_to(load_photo(name), store.card(id).input_shape)
    passed = follow(page, id, image)
    assert {"logits", "conv_1", "rescaling"} <= set(passed)


def test_from_the_answer_of_a_network_trained_just_now_to_a_pixel(
    page: Page, server_home: Path, just_trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    open_page(page, f"/feature_maps?model={just_trained}&maps.begin=answer&picture=test-1")
    assert "conv_1" in follow(page, just_trained, catalog.load("digits", "test").image(0))


def test_a_map_is_read_number_by_number_and_one_is_chosen(page: Page, server_home: Path, monkeypatch) -> None:
    open_page(page, "/feature_maps?dataset=shapes&model=shapes-tutorial&picture=test-1")
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    tabs = keyed(page, "maps.depth").get_by_role("tab")
    tabs.nth(3).click(timeout=PATIENCE)
    expect(keyed(page, "maps.exciting")).to_be_visible(timeout=PATIENCE)
    tabs.first.click()
    image = catalog.load("shapes", "test").image(0)
    maps = layer_outputs(store.load("shapes-tutorial"))(image[None])
    keyed(page, "maps.layers").get_by_role("button", name=re.compile(r"\bconv_2\b")).click()
    expect(page.get_by_role("heading", name=re.compile(r"\b64\b.*\bconv_2$"))).to_be_visible()
    keyed(page, "maps.tiles.conv_2").locator('[data-id="8"]').click()
    cells = keyed(page, "maps.cells")
    picture = cells.get_by_role("application", name=re.compile(r"\b9\D+conv_2\b"))
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    row, column = 4, 9
    page.mouse.move(box["x"] + (column + 0.5) * box["width"] / 13, box["y"] + (row + 0.5) * box["height"] / 13)
    value = float(f"{maps['conv_2'][0, row, column, 8]:.5g}")
    said = str(value).removesuffix(".0").replace("-", "−")
    expect(cells.locator(".line")).to_have_text(with_numbers(row + 1, column + 1, said))
    page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 13, box["y"] + (row + 0.5) * box["height"] / 13)
    expect(keyed(page, "maps.step")).to_have_text(re.compile(rf"^conv_2\D+9\D+{row + 1}\D+{column + 1}\W"))
    expect(keyed(page, "maps.sum")).to_have_text(re.compile(r"^288\D"))
    expect(keyed(page, "maps.seen")).to_contain_text("8 × 8")
    assert axe_findings(page) == []


def test_it_suits_a_phone(phone: Page) -> None:
    open_page(phone, "/feature_maps?dataset=shapes&model=shapes-tutorial&maps.begin=answer")
    expect(keyed(phone, "maps.sum")).to_have_text(re.compile(r"^64\D"), timeout=PATIENCE)
    assert axe_findings(phone) == []
