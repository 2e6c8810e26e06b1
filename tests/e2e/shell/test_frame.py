"""The frame around the lessons: title, question and selection on the first screen, the menu, and the page's foot."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from cnn.data import catalog
from cnn.model import store
from pages.shell.menu import all_lessons
from tests.e2e.browser import keyed
from tools.browser_page import open_page, wait_until_settled

ROOT = Path(__file__).parents[3]
PAGES = [file for file in sorted((ROOT / "pages").glob("*.py")) if "page_header(" in file.read_text()]
PATHS = {file: "/" if file.stem == "home" else f"/{file.stem}" for file in PAGES}
ON_SELECTION = [path for file, path in PATHS.items() if "show_focus=False" not in file.read_text()]
STYLED = sorted(set(re.findall(r'data-testid="(\w+)"', (ROOT / "pages" / "assets" / "shell.css").read_text())))
WITH_FOOT = [path for file, path in PATHS.items() if "page_foot(" in file.read_text()]
DESK, PHONE = (1280, 800), (390, 844)
MOST_STOPS = 8  # of the Tab key, from the top of a page to its content


def menu(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def box(part: Locator) -> dict[str, float]:
    """Where a part stands: x, y, width and height in pixels."""
    found = part.bounding_box()
    assert found is not None
    return dict(found)


def pickers(page: Page) -> list[Locator]:
    """The two pickers of the selection: data set and model."""
    return [keyed(page, key).get_by_role("combobox") for key in ("shell.dataset", "shell.model")]


@pytest.mark.parametrize("path", PATHS.values())
def test_title_question_and_selection_stand_on_the_first_screen(page: Page, path: str):
    for width, height in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        open_page(page, path)
        title, question = page.get_by_role("heading", level=1), keyed(page, "shell.question")
        shown = [title, question, *(pickers(page) if path in ON_SELECTION else [])]
        for part in shown:
            expect(part).to_be_in_viewport(ratio=1)
        beside = box(question)["x"] >= box(title)["x"] + box(title)["width"]
        assert beside == (width == DESK[0]), "the question is beside the title on a desk and below it on a phone"
        if path in ON_SELECTION:
            dataset, model = map(box, shown[2:])
            assert dataset["y"] == model["y"] and dataset["x"] + dataset["width"] <= model["x"], "side by side"
            assert dataset["y"] + dataset["height"] <= 220


def test_content_is_few_tab_stops_away(page: Page):
    open_page(page, "/predict")
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("stSkipToContent")).to_be_focused()
    page.keyboard.press("Enter")
    source = keyed(page, "picture.tiles").get_by_role("button").first
    for _ in range(MOST_STOPS - 2):
        page.keyboard.press("Tab")
        if source.evaluate("button => button === button.getRootNode().activeElement"):
            return
    pytest.fail(f"{MOST_STOPS} Tab stops do not lead to the page's first choice.")


def test_the_whole_menu_fits_the_window(page: Page):
    open_page(page, "/")
    for link in menu(page).get_by_role("link").all():
        expect(link).to_be_in_viewport(ratio=1)
        assert box(link)["height"] == 28
    expect(keyed(page, "shell.level")).to_be_in_viewport(ratio=1)


def test_a_choice_in_a_phones_menu_closes_it(phone: Page):
    open_page(phone, "/")
    for path in ("training", "predict"):
        phone.get_by_test_id("stExpandSidebarButton").click()
        link = menu(phone).locator(f'a[href="{path}"]')
        expect(link).to_be_in_viewport()
        link.click()
        expect(phone).to_have_url(re.compile(f"/{path}"))
        expect(phone.get_by_test_id("stExpandSidebarButton")).to_be_visible()
        expect(link).not_to_be_in_viewport()


def test_a_choice_in_a_desks_menu_leaves_it_open(page: Page):
    open_page(page, "/")
    menu(page).locator('a[href="training"]').click()
    expect(page).to_have_url(re.compile("/training"))
    wait_until_settled(page)
    expect(menu(page).locator('a[href="training"]')).to_be_in_viewport(ratio=1)


def test_settings_are_reset_from_the_titles_menu(page: Page):
    open_page(page, "/training?training.epochs=9")
    expect(page).to_have_url(re.compile("epochs=9"))
    keyed(page, "shell.more").get_by_role("button", name="More").click()
    keyed(page, "shell.reset.training").get_by_role("button").click()
    expect(page).not_to_have_url(re.compile("epochs=9"))
    expect(keyed(page, "training.start")).to_be_visible()


@pytest.mark.parametrize("path", WITH_FOOT)
def test_the_foot_has_tasks_code_and_reading_and_leads_on(page: Page, path: str):
    open_page(page, f"{path}?dataset=digits")
    foot = keyed(page, "shell.foot")
    tabs = foot.get_by_role("tab")
    expect(tabs).to_have_count(3)
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    expect(keyed(foot, "shell.tasks").get_by_role("listitem").first).to_be_visible()
    tabs.nth(1).click()
    expect(foot.get_by_test_id("stCode")).to_be_visible()
    expect(keyed(foot, "shell.notebook")).to_be_visible()
    tabs.nth(2).click()
    expect(foot.get_by_role("tabpanel").get_by_role("link").first).to_have_attribute("href", re.compile("^https://"))

    paths = [f"/{Path(lesson.file).stem}" for lesson in all_lessons() if lesson.group]
    if path == paths[-1]:
        expect(keyed(foot, "shell.next")).to_have_count(0)
        return
    following = paths[paths.index(path) + 1]
    keyed(foot, "shell.next").get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"{following}(\?|$)"))


def test_a_choice_on_a_phone_goes_with_the_visitor(phone: Page):
    open_page(phone, "/predict")
    dataset, model = pickers(phone)
    dataset.click()
    phone.get_by_role("option", name="Drawn shapes", exact=True).click()
    expect(phone).to_have_url(re.compile(r"dataset=shapes"))
    chosen = store.card("shapes-tutorial").title
    expect(model).to_have_value(chosen)
    keyed(phone, "shell.selection").get_by_role("combobox").first.press("Escape")
    open_page(phone, phone.url)
    assert [picker.input_value() for picker in pickers(phone)] == ["Drawn shapes", chosen]


def test_the_selection_is_the_same_on_the_next_page(page: Page):
    open_page(page, "/predict")
    dataset = catalog.info("cifar10").title
    pickers(page)[0].click()
    page.get_by_role("option", name=dataset, exact=True).click()
    expect(page).to_have_url(re.compile("dataset=cifar10"))
    wait_until_settled(page)  # an open list of models would close when it gets those of the data set
    title = store.card("cifar10-tutorial").title  # not the first of its data set, so that the address names it
    pickers(page)[1].click()
    page.get_by_role("option", name=title).click()
    expect(page).to_have_url(re.compile(r"model=cifar10-tutorial"))
    for path in ("models", "glossary", "evaluation", "teach_your_own", "training"):
        page.get_by_test_id("stSidebar").locator(f'a[href="{path}"]').click()
        expect(page).to_have_url(re.compile(rf"/{path}\?.*model=cifar10-tutorial"))
        wait_until_settled(page)
        if f"/{path}" in ON_SELECTION:
            assert [picker.input_value() for picker in pickers(page)] == [dataset, title]


def test_a_long_paragraph_uses_the_width_in_lines_that_can_be_read(page: Page):
    open_page(page, "/teach_your_own")
    paragraph = keyed(page, "shell.paragraph.0").get_by_role("paragraph")
    parts = "part => Array.from(part.getClientRects(), ({ left, right }) => [left, right])"
    (left, middle), (start, end) = paragraph.evaluate(parts)
    assert middle < start and middle - left <= 500 and end - start <= 500
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function("part => part.getClientRects().length === 1", arg=paragraph.element_handle())


def test_streamlit_still_has_the_parts_that_are_styled(phone: Page):
    gone = set(STYLED)
    for path in ("/training", "/transfer_learning?transfer.view=summary"):  # the second has a table
        open_page(phone, path)
        gone -= {part for part in gone if phone.get_by_test_id(part).count()}
    assert STYLED and gone == set()
