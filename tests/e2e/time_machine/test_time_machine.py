"""The time machine in a real browser: at every epoch the answer and the mistakes are those of that epoch's weights."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from cnn.analysis import epoch_history
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from tests.e2e.browser import axe_findings
from tools.browser_page import open_page

PATIENCE = 180_000


def shares(page: Page) -> Locator:
    return page.locator(".film .answers .share")


def percent(share: float) -> str:
    return "over 99\u00a0%" if 0.995 < share < 1 else f"{int(100 * round(share, 4) + 0.5)}\u00a0%"


def at_every_epoch(page: Page, id: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go through all epochs with the keyboard, and compare with weights that are loaded here."""
    monkeypatch.setenv("CNN_HOME", str(home))
    catalog._read.cache_clear()
    card = store.card(id)
    network = epoch_history.untrained_copy(store.load(id))
    image = catalog.load(card.dataset, "test").image(0)
    images, held_out = epoch_history.validation_images(card), catalog.load(card.dataset, "validation")
    slider = page.locator(".film input")
    expect(page.get_by_role("img", name=re.compile("^Confusion matrix"))).to_be_visible(timeout=PATIENCE)
    slider.focus()
    slider.press("Home")
    epochs = sorted(epoch_history.weights_of(card))
    answers = []
    for epoch in epochs:
        when = "Before any training" if epoch == 0 else f"After epoch {epoch} of {epochs[-1]}"
        expect(page.locator(".film .when")).to_contain_text(when)
        if (file := epoch_history.weights_of(card)[epoch]) is not None:
            network.load_weights(file)
        predict = predictor(network)
        expected = predict(image[None])[0]
        answers.append(expected)
        assert shares(page).all_inner_texts() == [percent(float(share)) for share in expected]
        right = int((predict(images).argmax(axis=1) == held_out.labels[: len(images)]).sum())
        name = f"Confusion matrix, epoch {epoch}: {right} of {len(images):,} right"
        expect(page.get_by_role("img", name=name)).to_be_visible()
        slider.press("ArrowRight")
    assert np.ptp(np.array(answers), axis=0).max() > 0.3


def test_the_stored_run_plays_and_every_epoch_is_its_own(
    page: Page, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, "/time_machine")
    at_every_epoch(page, "digits-tutorial", server_home, monkeypatch)
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".film .when")).to_contain_text("After epoch 1 of 12")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_url(re.compile(r"time\.epoch=\d"))
    assert axe_findings(page) == []


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_networks_for_real_photos_are_watched_as_well(
    page: Page, id: str, server_home: Path, cifar10: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(page, f"/time_machine?model={id}")
    also = page.get_by_role("button", name=f"Also show what {id} took for what")
    expect(also.or_(page.get_by_role("img", name=re.compile("^Confusion matrix")))).to_be_visible(timeout=PATIENCE)
    if also.is_visible():
        also.click()
    at_every_epoch(page, id, server_home, monkeypatch)


def test_a_network_trained_just_now_beside_nothing_and_a_copied_address_on_a_phone(
    phone: Page, server_home: Path, just_trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(phone, f"/time_machine?model={just_trained}&time.epoch=1")
    expect(phone.locator(".film .when")).to_contain_text("After epoch 1 of 2", timeout=PATIENCE)
    at_every_epoch(phone, just_trained, server_home, monkeypatch)
    assert axe_findings(phone) == []


def test_two_runs_side_by_side_move_together(page: Page, just_trained: str) -> None:
    open_page(page, f"/time_machine?model={just_trained}&time.other=digits-tutorial")
    panels = page.locator(".film section")
    expect(panels).to_have_count(2, timeout=PATIENCE)
    slider = page.locator(".film input")
    slider.focus()
    slider.press("Home")
    for epoch in (0, 1, 2):
        for panel in (0, 1):
            shown = panels.nth(panel).get_by_role("img", name=f"The filters of its first layer, epoch {epoch}")
            expect(shown).to_be_visible()
        slider.press("ArrowRight")
    # The shorter run stays where it ended.
    expect(panels.nth(0).get_by_role("img", name="The filters of its first layer, epoch 2")).to_be_visible()
    expect(panels.nth(1).get_by_role("img", name="The filters of its first layer, epoch 3")).to_be_visible()
    assert axe_findings(page) == []
