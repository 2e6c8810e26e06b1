"""Two runs of one network on one data set are told apart by their names, wherever a run is chosen."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import PATIENCE, axe_findings, keyed
from tests.e2e.training_runs import run_id, run_result, start_training
from tools.browser_page import open_page, wait_until_settled

DIGITS = "Simple CNN on Handwritten digits"


def train(page: Page, name: str | None = None) -> None:
    """Train for an epoch, under the suggested name or under ``name``, which is typed right before the click."""
    open_page(page, "/training?training.set.epochs=1")
    if name is not None:
        keyed(page, "training.name").get_by_role("textbox").fill(name)
    page.wait_for_url(re.compile("run="))  # the run before this one
    earlier = run_id(page)
    keyed(page, "training.start").get_by_role("button").click()
    page.wait_for_url(lambda address: "run=" in address and earlier not in address)
    wait_until_settled(page)  # the result of the run before this one has gone
    expect(run_result(page)).to_be_visible(timeout=PATIENCE)


def test_two_runs_alike_have_names_of_their_own(page: Page) -> None:
    start_training(page, epochs=1)
    expect(run_result(page)).to_be_visible(timeout=PATIENCE)
    train(page)
    train(page, "My <b>first</b>")
    train(page, "my <b>first</b>")
    expect(keyed(page, "training.name").get_by_role("textbox")).to_have_value(f"{DIGITS}, 4")
    assert axe_findings(page) == []
    open_page(page, "/models")
    keyed(page, "shell.model").get_by_role("combobox").press("ArrowDown")
    expect(page.get_by_role("option", name=f"{DIGITS}, 2")).to_be_visible()
    names = page.get_by_role("option").all_inner_texts()
    own = ["my <b>first</b>, 2", "My <b>first</b>", f"{DIGITS}, 3", f"{DIGITS}, 2"]
    assert [name for name in names if name in own] == own
    assert len(set(names)) == len(names)
    for option in page.get_by_role("option").all():  # nothing of a name is cut off
        text = option.locator("> div")
        assert text.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight + 1")
    page.get_by_role("option", name="my <b>first</b>, 2").click()
    expect(keyed(page, "models.title")).to_have_text("my <b>first</b>, 2", timeout=PATIENCE)
