"""What takes longer than a click, in a real browser: asked for, watched, kept, and there for the next visitor."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.analysis import studies
from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.attribution.sanity_check import cascading_randomisation, stages
from cnn.analysis.evaluation.robustness import DISTURBANCES
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from tests.e2e.browser import PATIENCE, axe_findings, watched_page
from tests.e2e.explanations.test_hiding_parts import ours
from tools.browser_page import open_page

NETWORKS = ("cifar10-tutorial", "cifar10-resnet")


def asked(page: Page, path: str, button: str) -> None:
    open_page(page, path)
    page.get_by_role("button", name=button).click()


def tiles(page: Page) -> list[str]:
    return [str(alt) for alt in page.locator(".gallery img").evaluate_all("all => all.map(one => one.alt)")]


def test_a_network_is_disturbed_and_the_next_visitor_finds_it_done(
    page: Page, browser: Browser, server: str, server_home: Path, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/evaluation?model={network}&level=lab&evaluation.view=robustness"
    asked(page, path, "Disturb the test images")
    expect(page.get_by_text(re.compile(r"Measured on (all 360|1,000 of the 10,000) test images"))).to_be_visible(
        timeout=PATIENCE
    )
    monkeypatch.setenv("CNN_HOME", str(server_home))
    card = store.card(network)
    found = studies.result(card, "robustness", {})
    assert found is not None
    undisturbed = int(found["shift"][DISTURBANCES["shift"].strengths.index(0)])
    assert undisturbed == pytest.approx(card.accuracy * int(found["count"]), abs=0.03 * int(found["count"]))
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, f"{path}&evaluation.disturbance=shift")
        right, strengths = found["shift"], DISTURBANCES["shift"].strengths
        worst = int(right.argmin())
        expect(other.get_by_text(f"At worst, at {strengths[worst]:g}: ")).to_be_visible(timeout=PATIENCE)
        expect(other.get_by_label(re.compile("^Right answers by to the right")).first).to_be_attached()
        expect(other.get_by_role("button", name="Disturb the test images")).to_have_count(0)
        assert axe_findings(other) == []


def test_images_are_picked_from_the_map_with_a_click_and_with_a_rectangle(page: Page, network: str) -> None:
    asked(page, f"/evaluation?model={network}&level=lab&evaluation.view=map", "Draw the map")
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
    page: Page, network: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(page, f"/feature_maps?model={network}", "Search for the image that excites it most")
    shown = page.get_by_role("img", name=re.compile(r"^The image made for map \d+ of conv_1"))
    expect(shown).to_be_visible(timeout=PATIENCE)
    told = re.search(r"map (\d+)", str(shown.get_attribute("alt")))
    assert told is not None
    number = int(told.group(1)) - 1
    monkeypatch.setenv("CNN_HOME", str(server_home))
    found = studies.result(store.card(network), "strongest image", {"layer": "conv_1", "number": number})
    assert found is not None
    assert float(found["end"]) > float(found["random"])
    expect(page.get_by_text(f"{float(found['end']):.3g}; noise gives {float(found['random']):.3g}")).to_be_visible()
    assert axe_findings(page) == []


def test_two_networks_are_compared_image_by_image(
    page: Page, cifar10: None, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_HOME", str(server_home))
    open_page(page, "/evaluation?model=cifar10-tutorial&level=lab&evaluation.view=compare")
    labels = catalog.load("cifar10", "test").labels
    said = [np.load(store.card(id).folder / "test_probabilities.npy").argmax(axis=1) for id in NETWORKS]
    differ = int(((said[0] == labels) != (said[1] == labels)).sum())
    expect(page.get_by_text(f"Of {differ:,} images on which only one is right")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []


def test_the_sanity_check_is_stopped_and_asked_again(page: Page) -> None:
    card = store.card("cifar10-resnet")
    model = store.load_file(card)
    open_page(page, f"/explanations?model={card.id}&level=lab&explain.view=heat&explain.method=integrated")
    image = ours(page)
    best, count = int(predictor(model)(image[None])[0].argmax()), len(stages(model))

    def explaining(copy: Any) -> Callable[[], np.ndarray]:
        explain = attribution(copy, "integrated")  # long enough to be stopped
        return lambda: explain(image[None], best)[0]

    name, _, alike = next(cascading_randomisation(model, explaining))
    main = page.get_by_test_id("stMainBlockContainer")  # Streamlit's own Stop is above it
    forget = main.get_by_role("button", name="Let it forget, layer by layer")
    stop, result = main.get_by_role("button", name="Stop", exact=True), main.get_by_text(re.compile(r": alike -?\d"))
    under_way = main.get_by_text(re.compile(rf"and all above it forgotten: [1-9]\d* of {count}$"))
    forget.click()
    expect(under_way).to_be_visible(timeout=PATIENCE)
    stop.click()
    expect(stop).to_have_count(0)
    expect(under_way).to_have_count(0)
    expect(main.get_by_text("What it can tell.")).to_be_visible()
    expect(main.get_by_text("Stopped; nothing was kept.")).to_be_visible()
    expect(result).to_have_count(0)
    forget.click()
    expect(result).to_have_count(count, timeout=PATIENCE)
    expect(main.get_by_text(f"{name}: alike {alike:.2f}", exact=True)).to_be_visible()
    expect(stop).to_have_count(0)  # there is nothing left to stop
