"""Transfer learning in a real browser: cats and dogs on MobileNetV2, and a base that needs nothing from outside."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.training.transfer_config import TransferConfig
from tests.e2e.browser import PATIENCE, axe_findings
from tests.e2e.images.test_own_images import choose, zipped
from tools.browser_page import open_page


def learned(page: Page) -> str:
    """Start, wait for the final exam, and give the run's id."""
    page.get_by_role("button", name="Start transfer learning").click()
    page.wait_for_url(re.compile(r"run="), timeout=PATIENCE)
    expect(page.get_by_role("link", name="Try a photo on it")).to_be_visible(timeout=PATIENCE)
    return str(re.search(r"run=([\w-]+)", page.url).group(1))


def test_cats_and_dogs_on_mobilenet(
    page: Page, cats_vs_dogs: None, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, "/transfer_learning?dataset=cats_vs_dogs")
    expect(page.get_by_text("First the base looks once at all")).to_be_visible(timeout=PATIENCE)
    id = learned(page)
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    card = store.card(id)
    assert TransferConfig.from_dict(card.config).base == "mobilenet_v2"
    assert card.accuracy >= 0.97
    expect(page.get_by_text(f"on {card.test[1]:,} images it had never seen")).to_be_visible()
    expect(page.get_by_text("is kept from before")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)  # it fades out
    assert axe_findings(page) == []
    test = catalog.load("cats_vs_dogs", "test")
    sample = np.arange(40)
    said = predictor(store.load(id))(test.fitted(sample, card.input_shape))
    np.testing.assert_allclose(np.load(card.folder / "test_probabilities.npy")[:40], said, atol=2e-3)

    open_page(page, "/transfer_learning?dataset=cats_vs_dogs&transfer.view=steps")
    expect(page.get_by_text("(32, 5, 5, 1280)")).to_be_visible(timeout=PATIENCE)
    width, height = test.image(0).shape[1], test.image(0).shape[0]
    expect(page.get_by_text(f"{width} × {height} pixels").first).to_be_visible()
    assert axe_findings(page) == []

    open_page(page, f"/predict?model={id}")
    answer = predictor(store.load(id))(test.fitted([0], card.input_shape))[0]
    expect(page.get_by_text(f"It says: {card.class_names[int(answer.argmax())]}")).to_be_visible(timeout=PATIENCE)


def test_a_visitors_own_images_get_a_head_and_are_answered(page: Page) -> None:
    open_page(page, "/images?images.view=own")
    choose(page, [{"name": "things.zip", "mimeType": "application/zip", "buffer": zipped()}])
    expect(page.get_by_text("is a data set now: 40 images of 2 classes")).to_be_visible(timeout=PATIENCE)
    page.wait_for_url(re.compile("dataset=own-"))
    page.get_by_role("link", name="Transfer learning", exact=True).click()
    expect(page.get_by_text("First the base looks once at all 40 images")).to_be_visible(timeout=PATIENCE)
    id = learned(page)
    page.get_by_role("link", name="Try a photo on it").click()
    expect(page.get_by_text(re.compile("It says: (circle|square)"))).to_be_visible(timeout=PATIENCE)
    assert f"model={id}" in page.url


def test_the_built_in_base_and_fine_tuning_on_a_phone(
    phone: Page, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(
        phone, "/transfer_learning?dataset=digits&transfer.base=built-in&transfer.layers=8&transfer.tuning=1&level=lab"
    )
    id = learned(phone)
    monkeypatch.setenv("CNN_HOME", str(server_home))
    config = TransferConfig.from_dict(store.card(id).config)
    assert (config.tuned_layers, config.tuning_epochs, config.epochs) == (8, 1, 11)
    expect(phone.get_by_text("the last 8 layers").last).to_be_visible()
    assert axe_findings(phone) == []
