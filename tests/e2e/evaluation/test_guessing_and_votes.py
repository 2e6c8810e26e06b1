"""A person against the network, and a class's votes on doubtful labels, in a real browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cnn.analysis.evaluation import label_votes
from cnn.analysis.evaluation.metrics import likely_label_errors
from cnn.data import catalog
from cnn.model import store
from cnn.model.final_exam import scored_split
from pages.lessons.evaluation.label_votes import CHOICES, describe_votes
from tests.e2e.browser import PATIENCE, axe_findings, keyed, watched_page, with_numbers
from tools.browser_page import open_page


def known(id: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[store.Card, np.ndarray, np.ndarray]:
    """A network's card, its answers to the images that Evaluation is about, and their labels."""
    monkeypatch.setenv("CNN_HOME", str(home))
    catalog._read.cache_clear()
    card = store.card(id)
    split = scored_split(card)
    return card, np.load(card.folder / f"{split}_probabilities.npy"), catalog.load(card.dataset, split).labels


@pytest.mark.parametrize("network", ["cifar10-resnet", "trained just now"], indirect=True)
def test_a_person_guesses_first_and_sees_then(
    page: Page, network: str, server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, answers, labels = known(network, server_home, monkeypatch)
    open_page(page, f"/evaluation?model={network}&evaluation.view=guess")
    game = f"evaluation.guess.{network}"
    image = keyed(page, f"{game}.image").get_by_role("img")
    expect(image).to_be_visible(timeout=PATIENCE)
    place = int(re.findall(r"\d+", str(image.get_attribute("alt")))[-1]) - 1
    label, said = int(labels[place]), int(answers[place].argmax())
    truth, right = card.class_names[label], said == label
    answer = keyed(page, f"{game}.answer")
    expect(answer).to_have_count(0)
    keyed(page, f"{game}.choice.{label}").get_by_role("button", name=truth, exact=True).click()
    lines = rf"\b{truth}\b.*✓.*\b{truth}\b.*{'✓' if right else '✗'}.*\b{card.class_names[said]}\b"
    expect(answer).to_have_text(re.compile(lines, re.DOTALL))
    expect(keyed(page, f"{game}.standing")).to_have_text(with_numbers(1, int(right), 1))
    assert axe_findings(page) == []


@pytest.mark.parametrize("network", ["cifar10-resnet", "trained just now"], indirect=True)
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
    before = list(label_votes.read(card.dataset, scored_split(card)).get(place, {}).values())
    assert set(before) <= {label}
    votes = len(before) + 1

    def voted(page: Page) -> Locator:
        """What the page says of the votes; only who has voted sees it."""
        return keyed(page, "evaluation.votes")

    def for_the_label(page: Page) -> Locator:
        return keyed(page, f"evaluation.voted.{card.id}.{scored_split(card)}.{place}").get_by_role(
            "radio", name=CHOICES["label"], exact=True
        )

    def all_for_the_label(votes: int) -> str:
        return describe_votes((votes, 0, 0)).replace("**", "")

    open_page(page, path)
    expect(keyed(page, "evaluation.doubted")).to_contain_text(f"{len(doubted):,}", timeout=PATIENCE)
    names = keyed(page, "evaluation.vote.names").locator("strong")
    expect(names).to_have_text([card.class_names[label], card.class_names[said]])
    expect(voted(page)).to_have_count(0)
    for_the_label(page).click()
    expect(voted(page)).to_have_text(all_for_the_label(votes), timeout=PATIENCE)
    assert axe_findings(page) == []
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, path)
        for_the_label(other).click()
        expect(voted(other)).to_have_text(all_for_the_label(votes + 1), timeout=PATIENCE)
    assert list(label_votes.read(card.dataset, scored_split(card))[place].values()) == [*before, label, label]
    open_page(page, path)
    expect(for_the_label(page)).to_be_checked()
    expect(voted(page)).to_have_text(all_for_the_label(votes + 1), timeout=PATIENCE)
