"""A person against the network, and a class's votes on doubtful labels, in a real browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.analysis.evaluation import label_votes
from cnn.analysis.evaluation.metrics import likely_label_errors
from cnn.data import catalog
from cnn.model import store
from tests.e2e.browser import PATIENCE, axe_findings, watched_page
from tools.browser_page import open_page


def known(id: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[store.Card, np.ndarray, np.ndarray]:
    """A network's card, its answers to the test images, and their labels."""
    monkeypatch.setenv("CNN_HOME", str(home))
    catalog._read.cache_clear()
    card = store.card(id)
    return card, np.load(card.folder / "test_probabilities.npy"), catalog.load(card.dataset, "test").labels


def test_a_person_guesses_first_and_sees_then(
    page: Page, network: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, answers, labels = known(network, server_home, monkeypatch)
    open_page(page, f"/evaluation?model={network}&evaluation.view=guess")
    image = page.get_by_role("img", name=re.compile(r"^Test image \d+$"))
    expect(image).to_be_visible(timeout=PATIENCE)
    place = int(str(image.get_attribute("alt")).split()[-1]) - 1
    truth, said = card.class_names[int(labels[place])], int(answers[place].argmax())
    expect(page.get_by_text("The label says")).to_have_count(0)
    page.get_by_role("button", name=truth, exact=True).click()
    expect(page.get_by_text(f"The label says {truth}.")).to_be_visible()
    expect(page.get_by_text(f"you 1, the network {int(said == labels[place])}")).to_be_visible()
    assert axe_findings(page) == []


def test_votes_on_a_label_are_kept_and_add_up(
    page: Page, browser: Browser, server: str, network: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, answers, labels = known(network, server_home, monkeypatch)
    doubted = likely_label_errors(answers.astype(np.float32), labels)
    assert len(doubted), "this network doubts no label: there is nothing to vote on"
    place = int(doubted[0])
    label, said = int(labels[place]), int(answers[place].argmax())
    path = f"/evaluation?model={network}&level=lab&evaluation.view=labels"
    # Two networks on the same data may doubt the same image: then these votes come on top of those.
    before = list(label_votes.read(card.dataset).get(place, {}).values())
    open_page(page, path)
    expect(page.get_by_text(f"{len(doubted):,} test images whose label the network doubts")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_text(f"Its label: {card.class_names[label]}")).to_be_visible()
    expect(page.get_by_text(f"sure: {card.class_names[said]}")).to_be_visible()
    expect(page.get_by_text(verdict([*before, label], label))).to_have_count(0)  # only who has voted sees the others
    page.get_by_role("radio", name="The label", exact=True).click()
    expect(page.get_by_text(verdict([*before, label], label))).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, path)
        other.get_by_role("radio", name="The label", exact=True).click()
        expect(other.get_by_text(verdict([*before, label, label], label))).to_be_visible(timeout=PATIENCE)
    assert list(label_votes.read(card.dataset)[place].values()) == [*before, label, label]
    open_page(page, path)
    expect(page.get_by_role("radio", name="The label", exact=True)).to_be_checked()
    expect(page.get_by_text(verdict([*before, label, label], label))).to_be_visible(timeout=PATIENCE)


def verdict(given: list[int | None], label: int) -> str:
    """What the page says of votes that are all for the label."""
    assert set(given) == {label}
    number = len(given)
    return "Yours is the first vote on this image." if number == 1 else f"{number} of {number} say the label is right."
