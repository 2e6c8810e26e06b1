"""Ticks of what a visitor has opened: kept for their workspace, in one small file, and for nobody else."""

import os
import time
from pathlib import Path

import pytest

from cnn.home import home, new_id
from pages.lessons.home import visits
from pages.server.workspace_cookie import COOKIE_DAYS, visits_file
from tests.pages.opening import open_page


def send(cookie: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the visitor's browser send this workspace."""
    monkeypatch.setattr(visits, "workspace_from_cookie", lambda: cookie)


def files() -> list[Path]:
    return sorted((home() / "visits").glob("*"))


def ticked() -> set[str]:
    """What has a tick on Home, for a new session of the same browser."""
    links = [link.proto for link in open_page("home.py").main.get("page_link")]
    return {str(link.page) for link in links if "check" in link.icon}


def test_an_opened_lesson_has_a_tick_in_the_next_session(monkeypatch: pytest.MonkeyPatch) -> None:
    send(new_id(), monkeypatch)
    assert ticked() == set()
    open_page("models.py")
    open_page("architecture.py")
    open_page("glossary.py")
    assert ticked() == {"models", "architecture"}
    (file,) = files()
    assert sorted(file.read_text().split()) == ["architecture.py", "models.py"]


def test_a_page_opened_again_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    send(new_id(), monkeypatch)
    at = open_page("models.py")
    at.run()
    open_page("models.py")
    assert files()[0].read_text().split() == ["models.py"]


def test_somebody_else_has_no_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    send(first, monkeypatch)
    open_page("models.py")
    assert first not in files()[0].name, "whoever knows a workspace's id owns it"
    send(new_id(), monkeypatch)
    assert ticked() == set()
    send(first, monkeypatch)
    assert ticked() == {"models"}


def test_without_a_cookie_ticks_last_as_long_as_the_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    send(None, monkeypatch)
    at = open_page("models.py")
    at.switch_page("home.py").run()
    links = [link.proto for link in at.main.get("page_link")]
    assert {link.page for link in links if "check" in link.icon} == {"models"}
    assert files() == []
    assert ticked() == set()


def test_files_of_expired_cookies_go_when_a_new_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    owners = [new_id() for _ in range(3)]
    for owner in owners[:2]:
        send(owner, monkeypatch)
        visits._append(owner, "models.py")
    expired = time.time() - (COOKIE_DAYS + 1) * 24 * 3600
    os.utime(visits_file(owners[0]), (expired, expired))
    visits._append(owners[2], "models.py")
    assert files() == sorted(map(visits_file, owners[1:]))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"no_such_page.py\nmodels.py\n\n"])
def test_a_damaged_file_is_no_harm(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = new_id()
    send(owner, monkeypatch)
    visits._append(owner, "training.py")
    visits_file(owner).write_bytes(content)
    assert ticked() <= {"models"}


def test_a_disk_that_cannot_be_written_takes_only_the_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    send(new_id(), monkeypatch)
    (home() / "visits").write_text("a file where the folder should be")
    open_page("models.py")
    assert ticked() == set()
