"""A visitor's next session finds the names and photos of the one before, and nobody else's does."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn import home
from pages.lessons.teach_your_own import session
from pages.shell import visitor_memory, workspace
from pages.shell.visitor_memory import KEPT_SECONDS, VisitorMemory
from tests.pages.lessons.teach_your_own.teaching import (
    FILE,
    add_photos,
    answer,
    load_example,
    photo,
    photo_counts,
    rename,
    start_empty,
    uploader_of,
)
from tests.pages.on_screen import captions, mentions
from tests.pages.opening import open_page, texts


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> VisitorMemory:
    """This test's own memory."""
    own = VisitorMemory(call_later=lambda *_: None)
    monkeypatch.setattr(visitor_memory, "memory", own)
    return own


@pytest.fixture
def cookie(monkeypatch: pytest.MonkeyPatch) -> str:
    """The workspace that the visitor's browser sends."""
    sent = home.new_id()
    send(sent, monkeypatch)
    return sent


def send(sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (visitor_memory, workspace):
        monkeypatch.setattr(module, "workspace_from_cookie", lambda: sent)


def pixels(at: AppTest) -> list[list[bytes]]:
    return [[photo.picture.tobytes() for photo in group] for group in at.session_state["taught.photos"]]


def teach(at: AppTest) -> None:
    start_empty(at)
    rename(at, 0, "zebra")
    rename(at, 1, "ant")
    add_photos(at, 0, [photo("star", n) for n in range(3)])
    add_photos(at, 1, [photo("circle", n) for n in range(2)])


def test_the_next_session_has_the_names_and_photos(cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(FILE)
    teach(at)
    again = open_page(FILE)
    assert again.session_state["taught.names"] == ["zebra", "ant"]
    assert pixels(again) == pixels(at)
    assert captions(again) == captions(at)
    send(home.new_id(), monkeypatch)
    assert open_page(FILE).session_state["taught.names"] == list(session.EXAMPLES["fair"][0])


def test_photos_beside_an_example_come_back_and_stay_ones_own(cookie: str) -> None:
    at = open_page(FILE)
    add_photos(at, 1, [photo("circle", 0)])
    again = open_page(FILE)
    assert photo_counts(again) == [8, 9]
    again.button(key="teach.empty").click().run()
    answer(again, yes=False)
    assert photo_counts(again) == [8, 9]


def test_deleted_photos_do_not_come_back(cookie: str) -> None:
    at = open_page(FILE)
    teach(at)
    at.button(key="teach.delete").click().run()
    answer(at, yes=True)
    again = open_page(FILE)
    assert (again.session_state["taught.names"], photo_counts(again)) == (["zebra", "ant"], [0, 0])


def test_nothing_is_kept_of_an_example(cookie: str, memory: VisitorMemory) -> None:
    at = open_page(FILE)
    teach(at)
    assert memory.recall(cookie, session.KEPT) is not None
    load_example(at, "broken")
    answer(at, yes=True)
    assert memory.recall(cookie, session.KEPT) is None


def test_empty_classes_are_kept_but_not_through_a_reset(cookie: str) -> None:
    start_empty(open_page(FILE))
    at = open_page(FILE)
    assert photo_counts(at) == [0, 0]
    at.button(key="shell.reset.teach").click().run()
    at.run()
    assert photo_counts(at) == [8, 8]


def test_photos_that_come_in_later_find_the_same_uploader(cookie: str) -> None:
    at = open_page(FILE)
    teach(at)
    assert uploader_of(open_page(FILE), "teach.in.files").key == uploader_of(at, "teach.in.files").key


def test_an_example_in_another_tab_leaves_what_is_kept(cookie: str) -> None:
    other_tab = open_page(FILE)
    teach(open_page(FILE))
    load_example(other_tab, "broken")
    assert open_page(FILE).session_state["taught.names"] == ["zebra", "ant"]


def test_the_page_says_how_long_photos_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = KEPT_SECONDS // 60
    at = open_page(FILE)
    assert not mentions(at, minutes, "minutes")
    assert "a reload loses them" in texts(at)
    send(home.new_id(), monkeypatch)
    at = open_page(FILE)
    assert mentions(at, "A reload", minutes, "minutes")
    assert "a reload loses them" not in texts(at)
