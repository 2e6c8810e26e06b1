"""What takes longer than a click, in a real browser: asked for, watched, kept, and there for the next visitor."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.analysis import studies
from cnn.analysis.robustness import DISTURBANCES
from cnn.data import catalog
from cnn.model import store
from tests.e2e.browser import axe_findings, open_page, watched_page
from tests.e2e.test_opening_mistakes import prepare

PATIENCE = 180_000


def asked(page: Page, path: str, button: str) -> None:
    open_page(page, path)
    page.get_by_role("button", name=button).click()


def tiles(page: Page) -> list[str]:
    return [str(alt) for alt in page.locator(".gallery img").evaluate_all("all => all.map(one => one.alt)")]


def test_a_network_trained_just_now_is_disturbed_and_the_next_visitor_finds_it_done(
    phone: Page, browser: Browser, server: str, server_home: Path, just_trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/evaluation?model={just_trained}&level=lab&evaluation.view=robustness"
    asked(phone, path, "Disturb the test images")
    expect(phone.get_by_text("Measured on all 360 test images")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(phone) == []
    monkeypatch.setenv("CNN_HOME", str(server_home))
    found = studies.found(store.card(just_trained), "robustness", {})
    assert found is not None
    with watched_page(browser, server, 1280, 800) as other:
        open_page(other, f"{path}&evaluation.disturbance=shift")
        right, strengths = found["shift"], DISTURBANCES["shift"].strengths
        worst = int(right.argmin())
        expect(other.get_by_text(f"At worst, at {strengths[worst]:g}: ")).to_be_visible(timeout=PATIENCE)
        expect(other.get_by_label(re.compile("^Right answers by to the right")).first).to_be_attached()
        expect(other.get_by_role("button", name="Disturb the test images")).to_have_count(0)


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet", "just trained"])
def test_images_are_picked_from_the_map_with_a_click_and_with_a_rectangle(
    page: Page, id: str, just_trained: str, prepared_data: Path
) -> None:
    id = just_trained if id == "just trained" else id
    if id.startswith("cifar10"):
        prepare(page, "cifar10")
    asked(page, f"/evaluation?model={id}&level=lab&evaluation.view=map", "Draw the map")
    expect(page.get_by_text("Around its surest mistake on the map")).to_be_visible(timeout=PATIENCE)
    assert len(tiles(page)) == 24
    chart = page.get_by_test_id("stVegaLiteChart").locator("canvas").first
    chart.scroll_into_view_if_needed()
    area = chart.bounding_box()
    assert area is not None
    page.mouse.click(area["x"] + 0.4 * area["width"], area["y"] + 0.4 * area["height"])
    expect(page.get_by_text("The image that you picked, and those next to it")).to_be_visible(timeout=PATIENCE)
    page.mouse.move(area["x"] + 0.3 * area["width"], area["y"] + 0.3 * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 0.6 * area["height"], steps=5)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"In the rectangle: [\d,]+ images"))).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []


def test_the_image_that_a_filter_likes_most_is_searched_for(
    page: Page, just_trained: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(page, f"/feature_maps?model={just_trained}", "Search for the image that excites it most")
    shown = page.get_by_role("img", name=re.compile(r"^The image made for map \d+ of conv_1"))
    expect(shown).to_be_visible(timeout=PATIENCE)
    number = int(re.search(r"map (\d+)", str(shown.get_attribute("alt"))).group(1)) - 1
    monkeypatch.setenv("CNN_HOME", str(server_home))
    found = studies.found(store.card(just_trained), "strongest image", {"layer": "conv_1", "number": number})
    assert found is not None
    expect(page.get_by_text(f"{float(found['end']):.3g}; noise gives {float(found['random']):.3g}")).to_be_visible()
    assert axe_findings(page) == []


def test_a_person_guesses_first_and_sees_then(
    page: Page, just_trained: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    open_page(page, f"/evaluation?model={just_trained}&evaluation.view=guess")
    image = page.get_by_role("img", name=re.compile(r"^Test image \d+$"))
    expect(image).to_be_visible(timeout=PATIENCE)
    place = int(str(image.get_attribute("alt")).split()[-1]) - 1
    truth = int(catalog.load("digits", "test").labels[place])
    said = int(np.load(store.card(just_trained).folder / "test_probabilities.npy")[place].argmax())
    expect(page.get_by_text("The label says")).to_have_count(0)
    page.get_by_role("button", name=str(truth), exact=True).click()
    expect(page.get_by_text(f"The label says {truth}.")).to_be_visible()
    expect(page.get_by_text(f"you 1, the network {int(said == truth)}")).to_be_visible()
    assert axe_findings(page) == []


def test_two_networks_are_compared_image_by_image(page: Page, prepared_data: Path) -> None:
    prepare(page, "cifar10")
    open_page(page, "/evaluation?model=cifar10-tutorial&level=lab&evaluation.view=compare")
    expect(page.get_by_text("2,812 images")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []
