"""What a visitor has started is there when they come back by the menu, and its network is theirs when it is done."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PATIENCE, follow_menu, keyed
from tests.e2e.training_runs import run_id, run_result, start_training
from tools.browser_page import open_page


def chip(page: Page) -> Locator:
    """The chip that tells of the visitor's job."""
    return keyed(page, "shell.job_chip").get_by_role("link")


def test_a_run_follows_its_visitor_and_its_network_is_selected_when_it_is_done(page: Page) -> None:
    start_training(page, epochs=6)
    id = run_id(page)
    follow_menu(page, "convolution")
    expect(chip(page)).to_be_visible()
    chip(page).click()
    page.wait_for_url(re.compile(f"run={id}"))
    follow_menu(page, "glossary")
    expect(keyed(page, "shell.adopted")).to_be_visible(timeout=PATIENCE)
    expect(chip(page)).to_have_count(0)
    page.wait_for_url(re.compile(f"model={id}"))
    keyed(page, "shell.adopted.undo").get_by_role("button").click()
    page.wait_for_url(lambda address: "model=" not in address)
    expect(keyed(page, "shell.adopted")).to_have_count(0)
    follow_menu(page, "training")
    expect(run_result(page)).to_be_visible()
    page.wait_for_url(re.compile(f"run={id}"))
    expect(keyed(page, "training.replay")).to_have_count(0)


def test_what_was_said_of_a_new_network_stays_on_the_page_where_it_was_said(page: Page) -> None:
    start_training(page, epochs=1)
    expect(keyed(page, "shell.adopted")).to_be_visible(timeout=PATIENCE)
    follow_menu(page, "glossary")
    expect(keyed(page, "shell.adopted")).to_have_count(0)
    page.wait_for_url(re.compile("model="))


def test_a_study_is_there_when_its_visitor_comes_back(page: Page) -> None:
    open_page(page, "/evaluation?model=shapes-tutorial&level=lab&evaluation.view=map")
    keyed(page, "evaluation.study.map").get_by_role("button").click()
    expect(chip(page)).to_be_visible(timeout=PATIENCE)
    follow_menu(page, "glossary")
    expect(chip(page)).to_have_count(0, timeout=PATIENCE)
    follow_menu(page, "evaluation")
    expect(keyed(page, "evaluation.map.chosen")).to_be_visible(timeout=PATIENCE)
    expect(keyed(page, "evaluation.study.map")).to_have_count(0)


def test_two_runs_that_are_compared_are_there_when_their_visitor_comes_back(page: Page) -> None:
    open_page(page, "/augmentation?augmentation.view=help")
    keyed(page, "augmentation.train").get_by_role("button").click()
    expect(keyed(page, "augmentation.stop")).to_be_visible(timeout=PATIENCE)
    follow_menu(page, "training")
    expect(keyed(page, "training.replay")).to_be_visible()  # these two are no run of this page
    expect(chip(page)).to_be_visible()
    chip(page).click()
    page.wait_for_url(re.compile("/augmentation"))
    # To see both to their ends takes minutes.
    keyed(page, "augmentation.stop").get_by_role("button").click(timeout=PATIENCE)
    for _ in range(2):
        for side in ("without", "with"):
            expect(keyed(page, f"augmentation.{side}.stopped")).to_be_visible(timeout=PATIENCE)
        follow_menu(page, "glossary")
        follow_menu(page, "augmentation")
    page.wait_for_url(lambda address: "model=" not in address)  # neither of the two has become the selected one


def test_transfer_learning_and_the_run_beside_it_come_back(page: Page) -> None:
    settings = "dataset=digits&transfer.base=built-in&level=lab&transfer.head=1&transfer.tuning=1"
    open_page(page, f"/transfer_learning?{settings}")
    keyed(page, "transfer.start").get_by_role("button").click()
    page.wait_for_url(re.compile(r"run="), timeout=PATIENCE)
    id = run_id(page)
    keyed(page, "transfer.from_scratch").get_by_role("button").click()
    expect(keyed(page, "transfer.from_scratch")).to_have_count(0, timeout=PATIENCE)
    follow_menu(page, "glossary")
    follow_menu(page, "transfer_learning")
    page.wait_for_url(re.compile(f"run={id}"))
    expect(keyed(page, "transfer.from_scratch")).to_have_count(0)
    expect(run_result(page)).to_be_visible(timeout=PATIENCE)
