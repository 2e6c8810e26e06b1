"""The Augmentation page in a real browser: the same link shows the same variants, which are those of training."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, expect

from cnn.data import catalog
from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.settings import PRESETS, scale_strength
from cnn.model import store
from cnn.model.predict import predictor
from tests.e2e.browser import PATIENCE, keyed
from tools.browser_page import open_page


def shown(page: Page, count: int = 24) -> Locator:
    """The variants, when all are there."""
    tiles = page.locator(".gallery").get_by_role("listitem")
    expect(tiles).to_have_count(count, timeout=PATIENCE)
    return tiles


def pictures(page: Page) -> list[str]:
    return [str(image.get_attribute("src")) for image in shown(page).get_by_role("img").all()]


def test_the_same_link_shows_the_same_with_the_networks_own_answers_and_another_seed_others(
    page: Page, digits: Path
) -> None:
    address = "/augmentation?dataset=digits&level=lab&augmentation.image=8&augmentation.noise=0.1"
    open_page(page, f"{address}&augmentation.strength=2")
    image = catalog.load("digits", "train").image(7)
    settings = scale_strength(replace(PRESETS["tutorial"], noise=0.1), 2)
    varied = augment_images(np.repeat(image[None], 24, axis=0), settings, 0)
    card = store.card("digits-tutorial")
    said = predictor(store.load_file(card))(varied).argmax(axis=1)
    expected = [card.class_names[int(one)] for one in said]
    captions = shown(page).all_inner_texts()
    assert [re.search(r"\d", caption).group() for caption in captions] == expected
    label = card.class_names[int(catalog.load("digits", "train").labels[7])]
    right = sum(name == label for name in expected)
    expect(keyed(page, "augmentation.score")).to_have_text(re.compile(rf"\b{right}\D+24\D*$"))
    with page.expect_download() as download:
        keyed(page, "augmentation.zip").get_by_role("button").click()
    assert download.value.suggested_filename == "variants.zip"
    first = pictures(page)
    open_page(page, f"{address}&augmentation.strength=2")
    assert pictures(page) == first
    open_page(page, f"{address}&augmentation.strength=2&augmentation.seed=5")
    assert pictures(page) != first


def test_one_variation_from_weak_to_strong(page: Page) -> None:
    open_page(page, "/augmentation?dataset=digits&augmentation.view=sweep&augmentation.what=noise")
    weakest = shown(page, 12).get_by_role("img").first
    expect(weakest).to_have_attribute("alt", re.compile(r"^\d, 0, "))


def test_training_with_and_without_grows_side_by_side_and_ends_with_the_images_that_changed(page: Page) -> None:
    open_page(page, "/augmentation?dataset=digits&augmentation.view=help")
    train(page)
    page.wait_for_url(re.compile("augmentation.with="), timeout=PATIENCE)
    expect(keyed(page, "augmentation.gap.without")).to_have_text(re.compile(r"\d"), timeout=PATIENCE)
    changed = [keyed(page, f"augmentation.{way}") for way in ("gained", "lost")]
    for text in changed:
        expect(text).to_have_text(re.compile(r"\D\d+\D+144\D*$"), timeout=PATIENCE)
    better, worse = (int(re.search(r"\d+", text.inner_text()).group()) for text in changed)
    scores = [keyed(page, f"augmentation.held_out.{side}").inner_text() for side in ("without", "with")]
    without, varied = (float(re.search(r"([\d.]+)\s%", text).group(1)) for text in scores)
    assert abs((varied - without) / 100 * 144 - (better - worse)) <= 1.44  # rounded to whole per cent


def test_both_runs_are_stopped_with_one_click(page: Page) -> None:
    open_page(page, "/augmentation?dataset=shapes&augmentation.view=help")
    train(page)
    keyed(page, "augmentation.stop").get_by_role("button").click(timeout=PATIENCE)
    for side in ("without", "with"):
        expect(keyed(page, f"augmentation.{side}.stopped")).to_be_visible(timeout=PATIENCE)


def train(page: Page) -> None:
    """Begin to train both networks."""
    keyed(page, "augmentation.train").get_by_role("button").click(timeout=PATIENCE)
