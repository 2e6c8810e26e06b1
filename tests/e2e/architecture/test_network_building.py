"""Building a network in a real browser: its sums, a layer removed, one that is impossible, and on to training."""

import re
from dataclasses import replace

from playwright.sync_api import Locator, Page, expect

from cnn.data import catalog
from cnn.model.architectures import Convolution
from cnn.model.presets import network_title, preset
from cnn.model.shape_inference import first_problem
from tests.e2e.browser import axe_findings, keyed
from tools.browser_page import open_page


def table(page: Page) -> Locator:
    """The layers and what they cost."""
    return page.locator(".layers")


def train_this(page: Page) -> Locator:
    """The link that takes the network to its training."""
    return keyed(page, "architecture.train").get_by_role("link")


def choose_layer(page: Page, number: int) -> None:
    keyed(page, "architecture.at").get_by_role("combobox").click()
    page.get_by_role("option", name=re.compile(rf"^{number}\b")).click()


def test_a_network_is_changed_its_sums_follow_and_training_takes_it(page: Page) -> None:
    open_page(page, "/architecture?dataset=shapes")
    expect(table(page)).to_contain_text("3 × 3 × 3 × 32 + 32 = 896")
    expect(table(page)).to_contain_text("1024 × 64 + 64 = 65,600")
    choose_layer(page, 2)  # the first pooling
    keyed(page, "architecture.remove").get_by_role("button").click()
    # 32 -> 30 -> 28, pooled to 14, -> 12: 12 x 12 x 64 numbers reach the dense layer.
    expect(table(page)).to_contain_text("9216 × 64 + 64 = 589,888")
    page.wait_for_url(re.compile("architecture.layers="))
    page.reload()
    expect(table(page)).to_contain_text("9216 × 64 + 64 = 589,888")
    train_this(page).click()
    expect(keyed(page, "training.start").get_by_role("button")).to_be_visible()
    expect(keyed(page, "training.network").get_by_role("combobox")).to_have_value(network_title("own"))


def test_an_impossible_layer_says_where_and_how_to_mend_it(page: Page) -> None:
    open_page(page, "/architecture?dataset=shapes")
    network, shape = preset("tutorial"), catalog.network_shape("shapes")
    layers = list(network.layers)
    assert isinstance(layers[4], Convolution)
    filters, layers[4] = layers[4].filters, replace(layers[4], size=9)
    problem = first_problem(replace(network, layers=tuple(layers)), shape)
    assert problem is not None
    choose_layer(page, 5)
    settings = "architecture.set.5.convolution"
    # The controls are that layer's now.
    expect(keyed(page, f"{settings}.filters").get_by_role("spinbutton")).to_have_value(str(filters))
    size = keyed(page, f"{settings}.size").get_by_role("spinbutton")
    size.fill("9")
    size.press("Enter")
    wrong = table(page).locator(".wrong").get_by_role("cell")
    expect(wrong).to_have_text(f"✗ {problem[1]}")
    expect(keyed(page, "architecture.problem")).to_contain_text(problem[1])
    expect(train_this(page)).to_have_count(0)
    size.fill("3")
    size.press("Enter")
    expect(train_this(page)).to_be_visible()
    assert axe_findings(page) == []


def test_on_a_phone_the_layers_stay_while_their_costs_scroll(phone: Page) -> None:
    open_page(phone, "/architecture?dataset=shapes")
    layer = table(phone).get_by_role("rowheader").nth(1)
    last = table(phone).get_by_role("columnheader").last
    before = layer.bounding_box()
    assert last.bounding_box()["x"] > phone.viewport_size["width"]
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert abs(layer.bounding_box()["x"] - before["x"]) <= 1
