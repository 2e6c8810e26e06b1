"""A network is saved, loaded and asked again, and its layers are read as Keras prints them, on a phone."""

import re

from playwright.sync_api import Page, expect

from cnn.model import store
from tests.e2e.browser import PATIENCE, axe_findings, keyed
from tools.browser_page import open_page


def test_a_network_is_saved_loaded_and_asked_again(phone: Page) -> None:
    open_page(phone, "/models?model=cifar10-tutorial&view=trip")
    keyed(phone, "models.trip").get_by_role("button").click()
    result = keyed(phone, "models.trip.result")
    expect(result).to_contain_text(re.compile(r"\d MB"), timeout=PATIENCE)
    expect(keyed(phone, "models.trip.answers").get_by_role("row")).to_have_count(4)
    expect(keyed(phone, "models.trip.images").get_by_role("listitem")).to_have_count(3)
    expect(keyed(phone, "models.where")).to_contain_text("365")
    assert axe_findings(phone) == []
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_the_layers_are_read_as_keras_prints_them(phone: Page) -> None:
    open_page(phone, "/models?model=cifar10-resnet&view=layers")
    printed = phone.locator("pre.printed")
    expect(printed).to_contain_text(f"{store.card('cifar10-resnet').parameters:,}", timeout=PATIENCE)
    printed.focus()
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("End")
    phone.wait_for_function("() => document.querySelector('pre.printed').scrollTop > 100")
    assert axe_findings(phone) == []
    open_page(phone, "/transfer_learning?dataset=digits&transfer.base=built-in&transfer.view=summary")
    expect(phone.locator("pre.printed")).to_contain_text("Trainable params: 0 (", timeout=PATIENCE)
    expect(keyed(phone, "transfer.counts").get_by_role("row")).to_have_count(4)
    assert axe_findings(phone) == []
