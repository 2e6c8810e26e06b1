"""Photos of one's own in a real browser: a question before they go, and one click that brings them back."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import axe_findings, keyed, press_escape
from tests.e2e.teach_your_own.teaching import BROKEN, classes, counts, load_example, rename, teach


def button(page: Page, key: str) -> Locator:
    return keyed(page, key).get_by_role("button")


def test_the_keyboard_alone_deletes_and_brings_back(page: Page) -> None:
    teach(page, ("star", 2), ("circle", 3))
    rename(page, 1, "_plate_")
    dialog = page.get_by_role("dialog")
    button(page, "teach.delete").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("5")
    assert axe_findings(page) == []
    press_escape(page)
    expect(dialog).to_have_count(0)
    counts(page, 2, 3)
    button(page, "teach.delete").focus()
    page.keyboard.press("Enter")
    expect(button(page, "teach.question.yes")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
        if button(page, "teach.question.yes").evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    counts(page, 0, 0)
    expect(dialog).to_have_count(0)
    assert axe_findings(page) == []
    button(page, "teach.undo").focus()
    page.keyboard.press("Enter")
    counts(page, 2, 3)
    expect(classes(page).nth(1)).to_have_text("_plate_")


def test_an_example_asks_before_it_replaces_and_is_undone_on_a_phone(phone: Page) -> None:
    teach(phone, ("star", 2), ("circle", 1))
    names = classes(phone).all_inner_texts()
    load_example(phone, BROKEN)
    button(phone, "teach.question.no").click()
    expect(phone.get_by_role("dialog")).to_have_count(0)
    counts(phone, 2, 1)
    load_example(phone, BROKEN)
    button(phone, "teach.question.yes").click()
    counts(phone, 8, 8)
    expect(keyed(phone, "teach.guess")).to_be_visible()
    assert axe_findings(phone) == []
    button(phone, "teach.undo").click()
    counts(phone, 2, 1)
    expect(classes(phone)).to_have_text(names)
    expect(keyed(phone, "teach.guess")).to_have_count(0)


def test_a_class_that_was_removed_comes_back_to_its_place(page: Page) -> None:
    teach(page, ("star", 2), ("circle", 1))
    button(page, "teach.more").click()
    expect(classes(page)).to_have_count(3)
    names = classes(page).all_inner_texts()
    button(page, "teach.remove.0").click()
    button(page, "teach.question.yes").click()
    counts(page, 1, 0)
    expect(classes(page)).to_have_text(names[1:])
    button(page, "teach.undo").click()
    counts(page, 2, 1, 0)
    expect(classes(page)).to_have_text(names)
