"""The stored run that Training replays: by itself for most visitors, when asked to for those who want less motion."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import PATIENCE, keyed, with_numbers
from tools.browser_page import open_page

# Keeps every epoch that the page has shown, however short.
KEEP_EPOCHS = """
window.epochsShown = []
new MutationObserver(() => {
  const found = document.querySelector(".st-key-training-replay")?.textContent.match(/(\\d+)\\D+\\d+\\D*$/)
  if (found && window.epochsShown.at(-1) !== Number(found[1])) window.epochsShown.push(Number(found[1]))
}).observe(document, { subtree: true, childList: true, characterData: true })
"""
LAST = 12


def epochs_shown(page: Page) -> list[int]:
    """Every epoch that the replay has shown since the page was opened, in order."""
    shown: list[int] = page.evaluate("window.epochsShown")
    return shown


def expect_end(page: Page) -> None:
    """Wait until the last epoch stands there, and the button that plays it again."""
    expect(keyed(page, "training.again")).to_be_visible(timeout=PATIENCE)
    expect(keyed(page, "training.replay")).to_have_text(with_numbers(LAST, LAST))


def test_with_reduced_motion_it_has_ended_at_once_and_plays_when_asked_to(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(KEEP_EPOCHS)
    open_page(page, "/training")
    expect_end(page)
    assert set(epochs_shown(page)) <= {0, LAST}

    keyed(page, "training.again").get_by_role("button").click()
    expect(keyed(page, "training.again")).to_have_count(0)
    expect_end(page)
    assert set(epochs_shown(page)) - {0, LAST}


def test_without_the_wish_it_plays_by_itself_from_the_untrained_network(page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    page.add_init_script(KEEP_EPOCHS)
    open_page(page, "/training")
    expect(keyed(page, "training.replay")).to_have_text(re.compile(rf"\D[1-9]\D+{LAST}$"), timeout=PATIENCE)
    expect_end(page)
    shown = epochs_shown(page)
    assert shown[0] == 0
    assert shown == sorted(shown)
    assert len(shown) > 3
