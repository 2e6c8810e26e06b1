"""A person against the network, and a class's votes on doubtful labels, in a real browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.analysis.evaluation import likely_label_errors
from cnn.data import catalog
from cnn.model import store
from tests.e2e.browser import PATIENCE, axe_findings, open_page, watched_page


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
    path = f"/evaluation?model={network}&level=lab&evaluation.view=labels"
    open_page(page, path)
    expect(page.get_by_text(f"{len(doubted):,} test images whose label the network doubts")).to_be_visible(
        timeout=PATIENCE
    )
    if not len(doubted):
        return
    place = int(doubted[0])
    truth, said = card.class_names[int(labels[place])], card.class_names[int(answers[place].argmax())]
    expect(page.get_by_text(f"Its label: {truth}")).to_be_visible()
    expect(page.get_by_text(f"sure: {said}")).to_be_visible()
    before = number_of_votes(page, "The label")
    assert axe_findings(page) == []
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, path)
        assert number_of_votes(other, "The label") == before + 1


def number_of_votes(page: Page, choice: str) -> int:
    """Vote, and read how many have voted on the image in hand."""
    page.get_by_role("radio", name=choice, exact=True).click()
    result = page.get_by_text(re.compile(r"Yours is the first vote|\d+ of \d+ say|among \d+ votes"))
    expect(result).to_be_visible(timeout=PATIENCE)
    text = result.inner_text()
    found = re.search(r"of (\d+) say|among (\d+) votes", text)
    return 1 if found is None else int(found.group(1) or found.group(2))
