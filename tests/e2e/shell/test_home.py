"""Home as the front door: its picture opens layers, its cards lessons, and ticks are kept."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PATIENCE, axe_findings, follow_menu, keyed
from tests.e2e.shell.test_frame import DESK, PHONE, box
from tests.e2e.shell.test_start_as_somebody_new import agree, ask
from tools.browser_page import open_page, wait_until_settled


def layers(page: Page) -> Locator:
    """The layers in Home's picture."""
    return keyed(page, "home.flow").get_by_role("link")


def card(page: Page, lesson: str) -> Locator:
    return keyed(page, f"home.card.{lesson}").get_by_role("link")


def expect_layer(page: Page, layer: str, picture: str) -> None:
    """Expect Feature maps, at this layer of the network that Home shows."""
    page.wait_for_url(re.compile(r"/feature_maps\?"), timeout=PATIENCE)
    expect(page.get_by_role("heading", name=re.compile(rf"\d+.*\b{layer}$"))).to_be_visible(timeout=PATIENCE)
    expect(keyed(page, "maps.layers").locator("[aria-pressed=true]")).to_have_attribute("data-id", layer)
    expect(keyed(page, "maps.answer").get_by_role("heading")).to_contain_text(picture)
    assert f"maps.layer={layer}" in page.url


def test_a_click_on_a_layer_opens_it_with_the_same_picture(page: Page) -> None:
    open_page(page, "/")
    keyed(page, "home.flow").get_by_role("button", name=re.compile(r"\bstar\b")).click()
    layers(page).filter(has_text="conv_2").click()
    expect_layer(page, "conv_2", "star")


def test_a_layer_opens_by_keyboard_and_in_a_window_of_its_own(page: Page) -> None:
    open_page(page, "/")
    expect(layers(page)).to_have_count(5)
    layer = layers(page).filter(has_text="conv_3")
    expect(layer).to_have_accessible_name(re.compile(r"^conv_3\b.+\w"))
    address = layer.get_attribute("href")
    layer.focus()
    page.keyboard.press("Enter")
    expect_layer(page, "conv_3", "circle")
    open_page(page, f"/{address}")
    expect_layer(page, "conv_3", "circle")


def test_back_leads_to_the_layer_before(page: Page) -> None:
    open_page(page, "/feature_maps?dataset=shapes&model=shapes-tutorial&maps.layer=conv_2")
    shown = keyed(page, "maps.layers").locator("[aria-pressed=true]")
    expect(shown).to_have_attribute("data-id", "conv_2", timeout=PATIENCE)
    wait_until_settled(page)
    keyed(page, "maps.layers").get_by_role("button", name=re.compile(r"\bconv_3\b")).click()
    page.wait_for_url(re.compile(r"maps\.layer=conv_3"), timeout=PATIENCE)
    page.go_back()
    page.wait_for_url(re.compile(r"maps\.layer=conv_2"))
    expect(shown).to_have_attribute("data-id", "conv_2", timeout=PATIENCE)
    expect(page.get_by_role("heading", name=re.compile(r"\d+.*\bconv_2$"))).to_be_visible()


def test_a_tick_survives_a_reload_and_is_not_somebody_elses(page: Page) -> None:
    open_page(page, "/")
    expect(card(page, "models")).not_to_contain_text("check")
    card(page, "models").click()
    page.wait_for_url(re.compile(r"/models(\?|$)"), timeout=PATIENCE)
    expect(keyed(page, "models.title")).to_be_visible(timeout=PATIENCE)
    open_page(page, "/")
    expect(card(page, "models")).to_contain_text("check")
    expect(card(page, "architecture")).not_to_contain_text("check")
    assert axe_findings(page) == []
    ask(page)
    agree(page)
    expect(card(page, "models")).to_be_visible(timeout=PATIENCE)
    expect(card(page, "models")).not_to_contain_text("check")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_whole_card_is_a_link(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_page(page, "/")
    wait_until_settled(page)
    thumbnail = keyed(page, "home.card.models").locator(".thumbnail")
    thumbnail.scroll_into_view_if_needed()
    found = box(thumbnail)
    page.mouse.click(found["x"] + found["width"] / 2, found["y"] + found["height"] / 2)
    page.wait_for_url(re.compile(r"/models(\?|$)"), timeout=PATIENCE)


def test_question_picture_and_try_it_stand_on_the_first_screen(page: Page) -> None:
    open_page(page, "/")
    for shown in (keyed(page, "shell.question"), *layers(page).all(), keyed(page, "home.door.predict")):
        expect(shown).to_be_in_viewport(ratio=1)


def test_the_steps_of_a_lesson_open_and_suit_everyone(page: Page) -> None:
    open_page(page, "/")
    plan = keyed(page, "home.plan")
    expect(plan.get_by_role("link").first).to_be_hidden()
    plan.locator("summary").click()
    expect(plan.get_by_role("link")).to_have_count(6)
    assert axe_findings(page) == []
    keyed(page, "home.step.convolution").get_by_role("link").click()
    # The lesson plan says so to the teacher.
    expect(page.locator(".sliding .line")).to_contain_text("−596", timeout=PATIENCE)
    follow_menu(page, "models")
