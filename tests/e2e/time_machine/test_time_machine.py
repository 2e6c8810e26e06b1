"""The time machine in a real browser: at every epoch the answer and the mistakes are those of that epoch's weights."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from cnn.analysis import epoch_history
from cnn.analysis.evaluation.metrics import confusion_counts
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from tests.e2e.browser import PATIENCE, axe_findings, keyed, sure, with_numbers
from tools.browser_page import open_page


def film(page: Page) -> Locator:
    return page.locator(".film")


def when(page: Page) -> Locator:
    """The line that says which epoch is shown."""
    return film(page).locator(".when")


def matrix(page: Page) -> Locator:
    return film(page).locator(".exam table")


def at_every_epoch(page: Page, id: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go through all epochs with the keyboard, and compare with weights that are loaded here."""
    monkeypatch.setenv("CNN_HOME", str(home))
    catalog._read.cache_clear()
    card = store.card(id)
    network = epoch_history.untrained_copy(store.load(id))
    image = catalog.load(card.dataset, "test").image(0)
    images, held_out = epoch_history.validation_images(card), catalog.load(card.dataset, "validation")
    slider = film(page).get_by_role("slider")
    expect(matrix(page)).to_be_visible(timeout=PATIENCE)
    slider.focus()
    slider.press("Home")
    epochs = sorted(epoch_history.weights_of(card))
    answers = []
    for epoch in epochs:
        expect(when(page)).to_have_text(with_numbers(*([0] if epoch == 0 else [epoch, epochs[-1]])))
        if (file := epoch_history.weights_of(card)[epoch]) is not None:
            network.load_weights(file)
        predict = predictor(network)
        expected = predict(image[None])[0]
        answers.append(expected)
        shown = [re.compile(rf"^{sure(probability)}$") for probability in expected]
        expect(film(page).locator(".answers .share")).to_have_text(shown)
        counts = confusion_counts(held_out.labels[: len(images)], predict(images).argmax(axis=1), len(expected))
        cells = [str(count or "") for count in counts.ravel()]
        expect(matrix(page).locator("td")).to_have_text(cells)
        expect(matrix(page).locator("th[scope=row]")).to_have_text(list(card.class_names))
        right = int((predict(images).argmax(axis=1) == held_out.labels[: len(images)]).sum())
        expect(matrix(page)).to_have_accessible_name(with_numbers(epoch, f"{right:,}", f"{len(images):,}"))
        slider.press("ArrowRight")
    assert np.ptp(np.array(answers), axis=0).max() > 0.3


def test_the_stored_run_plays_and_every_epoch_is_its_own(
    page: Page, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, "/time_machine?picture=test-1")
    at_every_epoch(page, "digits-tutorial", server_home, monkeypatch)
    play = film(page).locator(".play")
    play.click()
    expect(when(page)).to_have_text(with_numbers(1, 12))
    play.click()  # which now pauses
    page.wait_for_url(re.compile(r"time\.epoch=\d"))


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_networks_for_real_photos_are_watched_as_well(
    page: Page, id: str, server_home: Path, cifar10: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, f"/time_machine?model={id}&picture=test-1")
    also = keyed(page, "time.study.history").get_by_role("button")
    expect(also.or_(matrix(page))).to_be_visible(timeout=PATIENCE)
    if also.is_visible():
        also.click()
    at_every_epoch(page, id, server_home, monkeypatch)


def test_a_network_trained_just_now_beside_nothing_and_a_copied_address_on_a_phone(
    phone: Page, server_home: Path, just_trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(phone, f"/time_machine?model={just_trained}&time.epoch=1&picture=test-1")
    expect(when(phone)).to_have_text(with_numbers(1, 2), timeout=PATIENCE)
    at_every_epoch(phone, just_trained, server_home, monkeypatch)


def test_two_runs_side_by_side_move_together(page: Page, just_trained: str) -> None:
    open_page(page, f"/time_machine?model={just_trained}&time.other=digits-tutorial")
    filters = film(page).locator("section .filters img")
    expect(filters).to_have_count(2, timeout=PATIENCE)
    slider = film(page).get_by_role("slider")
    slider.focus()
    slider.press("Home")
    for epoch in (0, 1, 2):
        for run in (0, 1):
            expect(filters.nth(run)).to_have_accessible_name(with_numbers(epoch))
        slider.press("ArrowRight")
    # The shorter run stays where it ended.
    expect(filters.nth(0)).to_have_accessible_name(with_numbers(2))
    expect(filters.nth(1)).to_have_accessible_name(with_numbers(3))
    assert axe_findings(page) == []
