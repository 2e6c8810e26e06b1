"""Building a network in a real browser: its sums, a layer removed, one that is impossible, and on to training."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import axe_findings
from tools.browser_page import open_page


def test_a_network_is_changed_its_sums_follow_and_training_takes_it(page: Page) -> None:
    open_page(page, "/architecture?dataset=shapes")
    table = page.get_by_role("region", name="Layers and what they cost")
    expect(table).to_contain_text("3 × 3 × 3 × 32 + 32 = 896")
    expect(table).to_contain_text("1024 × 64 + 64 = 65,600")
    page.get_by_role("combobox", name=re.compile("Selected layer")).click()
    page.get_by_role("option", name="2 · Pooling, max of 2 × 2").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    # 32 -> 30 -> 28, pooled to 14, -> 12: 12 x 12 x 64 numbers reach the dense layer.
    expect(table).to_contain_text("9216 × 64 + 64 = 589,888")
    page.wait_for_url(re.compile("architecture.layers="))
    page.reload()
    expect(table).to_contain_text("9216 × 64 + 64 = 589,888")
    page.get_by_role("link", name="Train this").click()
    expect(page.get_by_role("button", name="Start training")).to_be_visible()
    expect(page.get_by_role("combobox", name=re.compile("Network"))).to_have_value("own")


def test_an_impossible_layer_says_where_and_how_to_mend_it(page: Page) -> None:
    open_page(page, "/architecture?dataset=shapes")
    size = page.get_by_role("spinbutton", name="Size")
    page.get_by_role("combobox", name=re.compile("Selected layer")).click()
    page.get_by_role("option", name=re.compile("5 · Convolution")).click()
    expect(page.get_by_role("spinbutton", name="Filters")).to_have_value("64")  # the controls are that layer's now
    size.fill("9")
    size.press("Enter")
    wrong = page.get_by_role("row", name=re.compile("the kernel covers 9 x 9 cells but only 6 x 6 reach it. Make it"))
    expect(wrong).to_be_visible()
    expect(page.get_by_role("link", name="Train this")).to_have_count(0)
    size.fill("3")
    size.press("Enter")
    expect(page.get_by_role("link", name="Train this")).to_be_visible()
    assert axe_findings(page) == []
