"""Evaluation in a real browser: cells of the confusion matrix, counted by NumPy, open the images in them."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cnn.analysis.evaluation.metrics import confusion_counts, most_frequent_confusion
from cnn.data import catalog
from cnn.model import store
from cnn.model.final_exam import scored_split
from tests.e2e.browser import PATIENCE, axe_findings, keyed
from tools.browser_page import open_page


def opened(page: Page, id: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare the whole matrix with NumPy's, and open its largest right cell and its largest mistake."""
    monkeypatch.setenv("CNN_HOME", str(home))
    catalog._read.cache_clear()
    card = store.card(id)
    split = scored_split(card)
    said = np.load(card.folder / f"{split}_probabilities.npy").argmax(axis=1)
    labels, names = catalog.load(card.dataset, split).labels, card.class_names
    table = confusion_counts(labels, said, len(names))
    buttons = page.locator(".matrix button")
    expect(buttons).to_have_count(table.size, timeout=PATIENCE)
    assert [int(text) for text in buttons.all_inner_texts()] == table.ravel().tolist()
    truth, answer = most_frequent_confusion(table) or (0, 0)
    cell = keyed(page, "evaluation.cell")
    counts = rf"{table[truth, answer]:,}\D+{table[truth].sum():,}\D*$"
    expect(cell).to_have_text(re.compile(rf"^{names[truth]}\b.*\b{names[answer]}\b\D*\b{counts}"))
    right = int(np.diag(table).argmax())
    buttons.nth(right * len(names) + right).click()
    counts = rf"{table[right, right]:,}\D+{table[right].sum():,}\D*$"
    expect(cell).to_have_text(re.compile(rf"^{names[right]}\b\D*\b{counts}"))
    images = page.get_by_role("img", name=re.compile(rf"\d: {names[right]}, .*\b{names[right]}$"))
    expect(images).to_have_count(min(24, int(table[right, right])))
    assert axe_findings(page) == []


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_the_matrix_of_a_pretrained_network_is_numpys(
    page: Page, id: str, server_home: Path, monkeypatch: pytest.MonkeyPatch, cifar10: None
) -> None:
    open_page(page, f"/evaluation?model={id}")
    opened(page, id, server_home, monkeypatch)


def test_a_network_trained_just_now_is_evaluated_on_a_phone(
    phone: Page, server_home: Path, just_trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(phone, f"/evaluation?model={just_trained}")
    opened(phone, just_trained, server_home, monkeypatch)
    open_page(phone, f"/evaluation?model={just_trained}&evaluation.view=sure")
    expect(keyed(phone, "evaluation.calibration")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(phone) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_ten_classes_fit_the_matrixs_place(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_page(page, "/evaluation?model=digits-tutorial")
    expect(page.locator(".matrix button")).to_have_count(100, timeout=PATIENCE)
    assert page.locator(".matrix").evaluate("matrix => matrix.scrollWidth - matrix.clientWidth") <= 0
