"""The Augmentation page in a real browser: the same link shows the same variants, which are those of training."""

import re
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from cnn.data import catalog
from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.settings import PRESETS, scale_strength
from cnn.model import store
from cnn.model.predict import predictor
from tools.browser_page import open_page

PATIENCE = 180_000


def shown(page: Page) -> list[str]:
    images = page.get_by_role("list").filter(has=page.get_by_role("listitem")).get_by_role("img")
    expect(images).to_have_count(24, timeout=PATIENCE)
    return [str(image.get_attribute("alt")) for image in images.all()]


def test_the_answers_under_the_variants_are_the_networks_own(page: Page, digits: Path) -> None:
    open_page(page, "/augmentation?dataset=digits&augmentation.image=8&augmentation.strength=2")
    image = catalog.load("digits", "train").image(7)
    varied = augment_images(np.repeat(image[None], 24, axis=0), scale_strength(PRESETS["tutorial"], 2), 0)
    card = store.card("digits-tutorial")
    said = predictor(store.load_file(card))(varied).argmax(axis=1)
    expected = [card.class_names[int(one)] for one in said]
    assert [re.search(r"answer (\d)", alt).group(1) for alt in shown(page)] == expected
    label = card.class_names[int(catalog.load("digits", "train").labels[7])]
    right = sum(name == label for name in expected)
    expect(page.get_by_text(f"{right} of 24")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the variants (zip)").click()
    assert download.value.suggested_filename == "variants.zip"


def test_the_same_link_shows_the_same_and_another_seed_others(page: Page) -> None:
    address = "/augmentation?dataset=digits&level=lab&augmentation.noise=0.1&augmentation.strength=3"
    open_page(page, address)
    first = shown(page)
    open_page(page, address)
    assert shown(page) == first
    open_page(page, f"{address}&augmentation.seed=5")
    assert shown(page) != first


def test_one_variation_from_weak_to_strong(page: Page) -> None:
    open_page(page, "/augmentation?dataset=digits&augmentation.view=sweep&augmentation.what=noise")
    tiles = page.get_by_role("listitem").filter(has=page.get_by_role("img"))
    expect(tiles).to_have_count(12, timeout=PATIENCE)
    expect(page.get_by_role("img", name=re.compile(", 0, answer"))).to_be_visible()


def test_training_with_and_without_grows_side_by_side_and_ends_with_the_images_that_changed(page: Page) -> None:
    open_page(page, "/augmentation?dataset=digits&augmentation.view=help")
    train = page.get_by_role("button", name="Train both")
    expect(train).to_be_enabled(timeout=PATIENCE)
    train.click()
    page.wait_for_url(re.compile("augmentation.with="), timeout=PATIENCE)
    expect(page.get_by_text(re.compile("better on (practised|held-out) than")).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("From wrong to right: "))).to_be_visible(timeout=PATIENCE)
    changed = page.get_by_text(re.compile(r"From (wrong to right|right to wrong): \d+ of 360 test images"))
    expect(changed).to_have_count(2)
    better, worse = (int(re.search(r": (\d+) of", text).group(1)) for text in changed.all_inner_texts())
    exams = page.get_by_text(re.compile(r"the final exam · test: [\d.]+\s%"))
    without, varied = (float(re.search(r"test: ([\d.]+)\s%", text).group(1)) for text in exams.all_inner_texts())
    assert abs((varied - without) / 100 * 360 - (better - worse)) <= 3.6  # rounded to whole per cent


def test_both_runs_are_stopped_with_one_click(page: Page) -> None:
    open_page(page, "/augmentation?dataset=shapes&augmentation.view=help")
    train = page.get_by_role("button", name="Train both")
    expect(train).to_be_enabled(timeout=PATIENCE)
    train.click()
    page.get_by_role("button", name="Stop both").click(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("(Without|With) augmentation · stopped"))).to_have_count(2, timeout=PATIENCE)
