"""Data set and model stay together: a model is offered for its own data, and a page says where there is none."""

import re

from playwright.sync_api import Locator, Page, expect

from cnn.data import catalog
from cnn.model import store
from tests.e2e.browser import follow_menu, keyed
from tools.browser_page import open_page


def picker(page: Page, name: str) -> Locator:
    return keyed(page, f"shell.{name}").get_by_role("combobox")


def select_dataset(page: Page, name: str) -> None:
    picker(page, "dataset").click()
    page.get_by_role("option", name=catalog.info(name).title, exact=True).click()


def test_a_data_set_brings_its_own_networks(page: Page) -> None:
    open_page(page, "/predict")
    select_dataset(page, "shapes")
    expect(picker(page, "model")).to_have_value(store.card("shapes-tutorial").title)
    picker(page, "model").click()
    titles = [card.title for card in store.cards() if card.dataset == "shapes"]
    expect(page.get_by_role("option")).to_have_text(titles)


def test_where_there_is_no_network_a_page_says_how_to_make_one(page: Page) -> None:
    open_page(page, "/predict")
    select_dataset(page, "cats_vs_dogs")
    missing = keyed(page, "network.missing")
    expect(missing).to_contain_text(catalog.info("cats_vs_dogs").title)
    expect(keyed(page, "shell.model")).to_have_count(0)
    for path in ("feature_maps", "explanations", "evaluation", "models"):
        follow_menu(page, path)
        expect(missing).to_be_visible()
    select_dataset(page, "digits")
    expect(missing).to_have_count(0)
    expect(picker(page, "model")).to_have_value(store.card("digits-tutorial").title)


def test_a_link_that_contradicts_itself_shows_its_data_set_and_says_so(page: Page) -> None:
    open_page(page, "/predict?dataset=digits&model=shapes-tutorial")
    expect(keyed(page, "shell.problem.0")).to_contain_text(store.card("shapes-tutorial").title)
    expect(picker(page, "model")).to_have_value(store.card("digits-tutorial").title)
    page.wait_for_url(lambda address: not re.search("model=", address))
