"""Photos of one's own are not destroyed without asking, and what was destroyed comes back with one click."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.lessons.teach_your_own.teaching import (
    FILE,
    add_photos,
    answer,
    load_example,
    photo,
    photo_counts,
    rename,
    start_empty,
)
from tests.pages.on_screen import button_keys, mentions
from tests.pages.opening import open_page

Contents = tuple[list[str], list[list[bytes]]]
"""The names of the classes, and the pixels of each one's photos."""

DESTROYING: dict[str, Callable[[AppTest], object]] = {
    "fair": lambda at: at.menu_button(key="teach.examples").click("fair").run(),
    "broken": lambda at: at.menu_button(key="teach.examples").click("broken").run(),
    "empty": lambda at: at.button(key="teach.empty").click().run(),
    "delete": lambda at: at.button(key="teach.delete").click().run(),
    "remove": lambda at: at.button(key="teach.remove.1").click().run(),
}


def contents(at: AppTest) -> Contents:
    groups = at.session_state["taught.photos"]
    return list(at.session_state["taught.names"]), [[photo.picture.tobytes() for photo in group] for group in groups]


@pytest.fixture
def taught() -> AppTest:
    """Three classes with names and photos of the visitor's own."""
    at = open_page(FILE)
    start_empty(at)
    at.button(key="teach.more").click().run()
    for index, (name, count) in enumerate((("zebra", 2), ("*mug*", 3), ("ant", 1))):
        rename(at, index, name)
        add_photos(at, index, [photo("star", 10 * index + n) for n in range(count)])
    return at


@pytest.mark.parametrize("action", DESTROYING)
def test_photos_of_ones_own_go_only_after_a_question_and_come_back(taught: AppTest, action: str) -> None:
    before = contents(taught)
    DESTROYING[action](taught)
    assert contents(taught) == before
    assert mentions(taught, 3 if action == "remove" else 6, "photos")
    answer(taught, yes=False)
    assert contents(taught) == before
    assert "teach.undo" not in button_keys(taught)
    DESTROYING[action](taught)
    answer(taught, yes=True)
    assert contents(taught) != before
    taught.button(key="teach.undo").click().run()
    assert not taught.exception
    assert contents(taught) == before
    assert "teach.undo" not in button_keys(taught)


@pytest.mark.parametrize("action", DESTROYING)
def test_without_photos_of_ones_own_there_is_no_question_but_a_way_back(action: str) -> None:
    at = open_page(FILE)
    at.button(key="teach.more").click().run()
    load_example(at, "broken")
    at.button(key="teach.more").click().run()
    before = contents(at)
    DESTROYING[action](at)
    assert not at.exception
    assert contents(at) != before
    at.button(key="teach.undo").click().run()
    assert contents(at) == before


def test_a_class_without_photos_is_removed_at_once(taught: AppTest) -> None:
    taught.button(key="teach.more").click().run()
    taught.button(key="teach.remove.3").click().run()
    assert photo_counts(taught) == [2, 3, 1]


def test_several_changes_are_undone_one_by_one(taught: AppTest) -> None:
    before = contents(taught)
    DESTROYING["broken"](taught)
    answer(taught, yes=True)
    DESTROYING["empty"](taught)
    assert photo_counts(taught) == [0, 0]
    taught.button(key="teach.undo").click().run()
    taught.button(key="teach.undo").click().run()
    assert contents(taught) == before


def test_a_merge_and_photos_taken_out_come_back(taught: AppTest) -> None:
    before = contents(taught)
    rename(taught, 2, "Zebra")
    taught.button(key="teach.case.one").click().run()
    assert photo_counts(taught) == [3, 3]
    taught.button(key="teach.undo").click().run()
    assert contents(taught) == before
    add_photos(taught, 2, [photo("circle", n) for n in range(3)])
    before = contents(taught)
    taught.button(key="teach.doubted").click().run()
    assert sum(photo_counts(taught)) < 9
    taught.button(key="teach.undo").click().run()
    assert contents(taught) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda at: add_photos(at, 0, [photo("circle", 1)]),
        lambda at: rename(at, 0, "cat"),
        lambda at: at.button(key="teach.more").click().run(),
    ],
    ids=["add", "rename", "more"],
)
def test_a_new_change_ends_the_way_back(taught: AppTest, change: Callable[[AppTest], object]) -> None:
    DESTROYING["delete"](taught)
    answer(taught, yes=True)
    assert taught.session_state["taught.names"] == ["zebra", "*mug*", "ant"]
    assert "teach.undo" in button_keys(taught)
    change(taught)
    assert "teach.undo" not in button_keys(taught)


def test_resetting_the_page_leaves_photos_of_ones_own(taught: AppTest) -> None:
    before = contents(taught)
    taught.button(key="shell.reset.teach").click().run()
    taught.run()
    assert contents(taught) == before


def test_resetting_the_page_brings_the_first_example_back() -> None:
    at = open_page(FILE)
    before = contents(at)
    load_example(at, "broken")
    at.button(key="shell.reset.teach").click().run()
    at.run()
    assert contents(at) == before
