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
from cnn.analysis.evaluation.intervals import in_words
from cnn.analysis.evaluation.robustness import DISTURBANCES
from cnn.data import catalog
from cnn.figures.embedding_map import HEIGHT, SIDE, EmbeddingMap, without_overlap
from cnn.figures.palette import LIGHT
from cnn.model import store
from cnn.model.final_exam import scored_split
from cnn.model.predict import predictor
from pages.lessons.evaluation.embedding_map import AROUND_MISTAKE, AROUND_PICKED, IN_RECTANGLE
from tests.e2e.browser import PATIENCE, axe_findings, keyed, watched_page
from tests.e2e.explanations.test_hiding_parts import open_with_sample_photo
from tools.browser_page import open_page

NETWORKS = ("cifar10-tutorial", "cifar10-resnet")


def asked(page: Page, path: str, study: str) -> None:
    """Open a page and ask for what takes longer, by the key of its button."""
    open_page(page, path)
    keyed(page, study).get_by_role("button").click()


@pytest.mark.parametrize("network", ["cifar10-tutorial", "trained just now"], indirect=True)
def test_a_network_is_disturbed_and_the_next_visitor_finds_it_done(
    page: Page, browser: Browser, server: str, server_home: Path, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/evaluation?model={network}&level=lab&evaluation.view=robustness"
    asked(page, path, "evaluation.study.robustness")
    counts = re.compile(r"^\D*\b(144|1,000\D+10,000)\b")
    expect(keyed(page, "evaluation.robustness.summary")).to_have_text(counts, timeout=PATIENCE)
    monkeypatch.setenv("CNN_HOME", str(server_home))
    card = store.card(network)
    split = scored_split(card)
    found = studies.result(card, "robustness", studies.settings_for(split))
    assert found is not None
    undisturbed = int(found["shift"][DISTURBANCES["shift"].strengths.index(0)])
    right, count = card.test if split == "test" else card.validation
    assert undisturbed == pytest.approx(right / count * int(found["count"]), abs=0.03 * int(found["count"]))
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, f"{path}&evaluation.disturbance=shift")
        right, shift = found["shift"], DISTURBANCES["shift"]
        worst = int(right.argmin())
        least = in_words(int(right[worst]), int(found["count"]))
        expect(keyed(other, "evaluation.robustness.summary")).to_contain_text(
            f" {shift.strengths[worst]:g}: {least}", timeout=PATIENCE
        )
        expect(other.get_by_label(re.compile(re.escape(shift.axis))).first).to_be_attached()
        expect(keyed(other, "evaluation.study.robustness")).to_have_count(0)
        assert axe_findings(other) == []


@pytest.mark.parametrize("network", ["cifar10-resnet", "trained just now"], indirect=True)
def test_images_are_picked_from_the_map_with_a_click_and_with_a_rectangle(page: Page, network: str) -> None:
    asked(page, f"/evaluation?model={network}&level=lab&evaluation.view=map", "evaluation.study.map")
    chosen = keyed(page, "evaluation.map.chosen")
    expect(chosen).to_contain_text(AROUND_MISTAKE, timeout=PATIENCE)
    expect(page.locator(".gallery").get_by_role("img")).to_have_count(24)
    chart = keyed(page, f"evaluation.map.{network}.tsne").locator("canvas").first
    chart.scroll_into_view_if_needed()
    area = chart.bounding_box()
    assert area is not None
    page.mouse.click(area["x"] + 0.4 * area["width"], area["y"] + 0.4 * area["height"])
    expect(chosen).to_contain_text(AROUND_PICKED, timeout=PATIENCE)
    page.mouse.move(area["x"] + 0.3 * area["width"], area["y"] + 0.3 * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 0.6 * area["height"], steps=5)
    page.mouse.up()
    expect(chosen).to_have_text(re.compile(rf"^{IN_RECTANGLE}\W+\d"), timeout=PATIENCE)
    assert axe_findings(page) == []


def test_a_picture_on_the_map_has_its_classs_frame_and_a_click_on_it_picks_its_image(
    page: Page, just_trained: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, f"/evaluation?model={just_trained}&level=lab&evaluation.view=map")
    chosen, ask = keyed(page, "evaluation.map.chosen"), keyed(page, "evaluation.study.map").get_by_role("button")
    expect(chosen.or_(ask)).to_be_visible(timeout=PATIENCE)
    if ask.count():
        ask.click()
    expect(chosen).to_contain_text(AROUND_MISTAKE, timeout=PATIENCE)
    monkeypatch.setenv("CNN_HOME", str(server_home))
    card = store.card(just_trained)
    split = catalog.load(card.dataset, scored_split(card))
    found = studies.result(card, "map", studies.settings_for(split.name))
    assert found is not None
    points, positions = found["tsne"], found["positions"]
    labels = split.labels[positions]
    shown = without_overlap(EmbeddingMap(points, positions, labels, labels))
    away = [np.sort(np.hypot(*(points - points[index]).T))[1] for index in shown]
    index = int(shown[np.argmax(away)])  # a click there can mean no other image
    canvas = keyed(page, f"evaluation.map.{just_trained}.tsne").locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    half = SIDE / 2 + 3
    fraction = (points[index] - points.min(axis=0)) / np.ptp(points, axis=0)
    across = half + float(fraction[0]) * (box["width"] - 2 * half)
    down = half + float(1 - fraction[1]) * (HEIGHT - 2 * half)
    colour = LIGHT.classes[int(labels[index])]
    frame = canvas.evaluate(
        "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]",
        [round(across - half + 1), round(down)],
    )
    assert frame == [*bytes.fromhex(colour[1:]), 255]
    page.mouse.click(box["x"] + across, box["y"] + down)
    expect(chosen).to_contain_text(AROUND_PICKED, timeout=PATIENCE)
    first = page.locator(".gallery").get_by_role("img").first
    expect(first).to_have_accessible_name(re.compile(rf"\b{positions[index] + 1}\b"))


@pytest.mark.parametrize("network", ["cifar10-resnet", "trained just now"], indirect=True)
def test_the_image_that_a_filter_likes_most_is_searched_for(
    page: Page, network: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, f"/feature_maps?model={network}")
    keyed(page, "maps.depth").get_by_role("tab").nth(2).click(timeout=PATIENCE)
    keyed(page, "maps.study.strongest image").get_by_role("button").click()
    shown = keyed(page, "maps.strongest")
    image = shown.get_by_role("img", name=re.compile(r"\d\D+conv_1\b"))
    expect(image).to_be_visible(timeout=PATIENCE)
    told = re.search(r"\d+", str(image.get_attribute("alt")))
    assert told is not None
    number = int(told.group()) - 1
    monkeypatch.setenv("CNN_HOME", str(server_home))
    found = studies.result(store.card(network), "strongest image", {"layer": "conv_1", "number": number})
    assert found is not None
    assert float(found["end"]) > float(found["random"])
    end, noise = (re.escape(f"{float(found[name]):.3g}") for name in ("end", "random"))
    expect(shown).to_have_text(re.compile(rf"^{end}\D+{noise}$"))
    assert axe_findings(page) == []


def test_two_networks_are_compared_image_by_image(
    page: Page, cifar10: None, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_HOME", str(server_home))
    open_page(page, "/evaluation?model=cifar10-tutorial&level=lab&evaluation.view=compare")
    labels = catalog.load("cifar10", "validation").labels
    said = [np.load(store.card(id).folder / "validation_probabilities.npy").argmax(axis=1) for id in NETWORKS]
    differ = int(((said[0] == labels) != (said[1] == labels)).sum())
    expect(keyed(page, "evaluation.verdict")).to_have_text(re.compile(rf"^\D*{differ:,}\b"), timeout=PATIENCE)
    assert axe_findings(page) == []


def test_the_sanity_check_is_stopped_and_asked_again(page: Page) -> None:
    card = store.card("cifar10-resnet")
    model = store.load_file(card)
    path = f"/explanations?model={card.id}&level=lab&explain.view=heat&explain.method=integrated"
    image = open_with_sample_photo(page, path)
    best, count = int(predictor(model)(image[None])[0].argmax()), len(stages(model))

    def explaining(copy: Any) -> Callable[[], np.ndarray]:
        explain = attribution(copy, "integrated")  # long enough to be stopped
        return lambda: explain(image[None], best)[0]

    name, _, alike = next(cascading_randomisation(model, explaining))
    forget = keyed(page, "explain.forget").get_by_role("button")
    stop = keyed(page, "explain.stop").get_by_role("button")
    result = keyed(page, "explain.forgotten").get_by_role("listitem")
    under_way = page.get_by_test_id("stProgress")
    forget.click()
    expect(under_way).to_have_text(re.compile(rf"\b[1-9]\d*\D+{count}$"), timeout=PATIENCE)
    stop.click()
    expect(stop).to_have_count(0)
    expect(under_way).to_have_count(0)
    expect(keyed(page, "explain.limits")).to_be_visible()
    expect(keyed(page, "explain.stopped")).to_be_visible()
    expect(result).to_have_count(0)
    forget.click()
    expect(result).to_have_count(count, timeout=PATIENCE)
    expect(result.filter(has_text=re.compile(rf"^{name}\b.* {re.escape(f'{alike:.2f}')}$"))).to_be_visible()
    expect(stop).to_have_count(0)  # there is nothing left to stop
