"""Transfer learning in a real browser: cats and dogs on MobileNetV2, and a base that needs nothing from outside."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from cnn.analysis.evaluation.intervals import in_brief
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.training.transfer_config import TransferConfig
from tests.e2e.browser import PATIENCE, axe_findings, keyed, with_numbers
from tests.e2e.images.test_own_images import choose, expect_data_set, zipped
from tests.e2e.training_runs import run_id, run_result
from tools.browser_page import open_page


def learned(page: Page) -> str:
    """Start, wait for the final exam, and give the run's id."""
    keyed(page, "transfer.start").get_by_role("button").click()
    page.wait_for_url(re.compile(r"run="), timeout=PATIENCE)
    expect(link_to_predict(page)).to_be_visible(timeout=PATIENCE)
    return run_id(page)


def link_to_predict(page: Page) -> Locator:
    return keyed(page, "transfer.next").locator('a[href^="predict?"]')


def test_cats_and_dogs_on_mobilenet(
    page: Page, cats_vs_dogs: None, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, "/transfer_learning?dataset=cats_vs_dogs")
    expect(keyed(page, "transfer.features_missing")).to_be_visible(timeout=PATIENCE)
    id = learned(page)
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    card = store.card(id)
    assert TransferConfig.from_dict(card.config).base == "mobilenet_v2"
    assert card.test[0] / card.test[1] >= 0.97
    expect(run_result(page)).to_contain_text(re.compile(rf"\b{card.test[1]:,}\b"))
    expect(keyed(page, "transfer.features_cached")).to_be_visible()
    expect(keyed(page, "training.stop")).to_have_count(0)  # it fades out
    assert axe_findings(page) == []
    test = catalog.load("cats_vs_dogs", "test")
    sample = np.arange(40)
    said = predictor(store.load(id))(test.fitted(sample, card.input_shape))
    np.testing.assert_allclose(np.load(card.folder / "test_probabilities.npy")[:40], said, atol=2e-3)

    open_page(page, "/transfer_learning?dataset=cats_vs_dogs&transfer.view=steps")
    expect(keyed(page, "transfer.volume")).to_contain_text("(32, 5, 5, 1280)", timeout=PATIENCE)
    height, width, _ = test.image(0).shape
    photo, fitted = (keyed(page, "transfer.photo_and_input").get_by_role("listitem").nth(i) for i in range(2))
    expect(photo).to_have_text(with_numbers(width, height))
    expect(fitted).to_have_text(with_numbers(*card.input_shape[1::-1]))
    assert axe_findings(page) == []

    open_page(page, f"/predict?model={id}&picture=test-1")
    answer = predictor(store.load(id))(test.fitted([0], card.input_shape))[0]
    named = card.class_names[int(answer.argmax())]
    expect(keyed(page, "predict.answer")).to_have_text(re.compile(rf"\b{named}\b"), timeout=PATIENCE)


def test_a_visitors_own_images_get_a_head_and_are_answered(page: Page) -> None:
    open_page(page, "/images?images.view=own")
    choose(page, [{"name": "things.zip", "mimeType": "application/zip", "buffer": zipped()}])
    expect_data_set(page, images=40, classes=2)
    page.get_by_test_id("stSidebar").locator('a[href="transfer_learning"]').click()
    expect(keyed(page, "transfer.features_missing")).to_contain_text(re.compile(r"\b40\b"), timeout=PATIENCE)
    id = learned(page)
    link_to_predict(page).click()
    expect(keyed(page, "predict.answer")).to_have_text(re.compile(r"\b(circle|square)\b"), timeout=PATIENCE)
    assert f"model={id}" in page.url


def test_the_built_in_base_and_fine_tuning_on_a_phone(
    phone: Page, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(
        phone, "/transfer_learning?dataset=digits&transfer.base=built-in&transfer.layers=8&transfer.tuning=1&level=lab"
    )
    id = learned(phone)
    monkeypatch.setenv("CNN_HOME", str(server_home))
    card = store.card(id)
    config = TransferConfig.from_dict(card.config)
    assert (config.tuned_layers, config.tuning_epochs, config.epochs) == (8, 1, 11)
    keyed(phone, "transfer.tabs").get_by_role("tab").nth(1).click()
    tuned = keyed(phone, "transfer.ladder").get_by_role("row").filter(has_text=re.compile(r"^\D*\b8\b"))
    expect(tuned).to_contain_text(in_brief(*card.validation))
    assert axe_findings(phone) == []
