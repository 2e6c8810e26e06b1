"""Workspaces are made by the server alone: their cookies are signed with a key that all servers of a folder share."""

import hmac
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import streamlit as st

from cnn.errors import CnnError
from cnn.home import new_id
from cnn.jobs import queue
from pages.server import workspace_cookie
from pages.server.workspace_cookie import COOKIE, COOKIE_DAYS, sent_workspace, sign, signed_workspace, visits_file
from pages.shell import workspace as shell

PRINT_SIGNED = (
    "import sys; from pages.server.workspace_cookie import sign; print('ready', flush=True); "
    "sys.stdin.readline(); print(sign(sys.argv[1]))"
)


def make_dataset_of(owner: str, cnn_home: Path) -> None:
    folder = cnn_home / "data" / f"own-{new_id()}"
    folder.mkdir(parents=True)
    info = {"title": "Mine", "class_names": ["cup", "bowl"], "train": 8, "test": 2, "validation": 2}
    (folder / "info.json").write_text(json.dumps({**info, "workspace": owner, "created": 1}))
    (folder / "splits.json").write_text("{}")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The cookies of the browser of this session."""
    cookies: dict[str, str] = {}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda self: cookies))
    monkeypatch.setattr(st, "session_state", {})
    return cookies


def test_a_session_belongs_to_the_workspace_of_a_signed_cookie_alone(browser: dict[str, str]) -> None:
    owner = new_id()
    browser[COOKIE] = sign(owner)
    assert shell.workspace() == shell.workspace_from_cookie() == owner
    for forged in (owner, f"{owner}.{'A' * 43}", sign(new_id())[:22] + sign(owner)[22:], sign(owner)[:-1]):
        browser[COOKIE] = forged
        assert shell.workspace_from_cookie() is None
        assert shell.workspace() != owner


@pytest.mark.parametrize("place", range(66))
def test_a_character_changed_anywhere_makes_a_cookie_invalid(place: int) -> None:
    value = sign(new_id())
    assert signed_workspace(value) == value[:22]
    assert len(value) == 66
    # The last character stands for four bits only: a neighbour of the same four must be refused as well.
    for other in {"A", "B", "é", "."} - {value[place]}:
        assert signed_workspace(value[:place] + other + value[place + 1 :]) is None


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(hmac, "compare_digest", lambda *both: compared.append(both) or False)
    value = sign(new_id())
    assert signed_workspace(value) is None
    assert compared == [(value[23:], value[23:])]


def test_the_key_is_readable_by_the_server_alone(cnn_home: Path) -> None:
    sign(new_id())
    file = cnn_home / "cookie.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_bytes()) == 32
    assert not list(cnn_home.glob("*.partial"))


def test_two_servers_that_start_at_once_share_a_key_and_later_ones_too(cnn_home: Path) -> None:
    owner = new_id()
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT_SIGNED, owner],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "CNN_HOME": str(cnn_home)},
        )
        for _ in range(2)
    ]
    assert [server.stdout.readline() for server in servers] == ["ready\n"] * 2
    signed = {server.communicate("\n")[0].strip() for server in servers}
    assert signed == {sign(owner)}  # this process is the server after a restart


def test_another_folder_has_another_key(cnn_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    value = sign(new_id())
    monkeypatch.setenv("CNN_HOME", str(tmp_path))
    assert signed_workspace(value) is None


def test_a_key_that_is_damaged_is_said_and_not_replaced(cnn_home: Path) -> None:
    (cnn_home / "cookie.key").write_bytes(b"half")
    with pytest.raises(CnnError, match="should hold 32 bytes and has 4"):
        sign(new_id())
    assert (cnn_home / "cookie.key").read_bytes() == b"half"


@pytest.mark.parametrize("owned", ["run", "data set", "visits"])
def test_an_old_cookie_of_a_workspace_that_owns_something_is_taken(owned: str, cnn_home: Path) -> None:
    owner = new_id()
    if owned == "run":
        queue.submit("train", {}, workspace=owner, name="Mine")
    elif owned == "data set":
        make_dataset_of(owner, cnn_home)
    else:
        visits_file(owner).parent.mkdir()
        visits_file(owner).write_text("models.py\n")
    assert sent_workspace(owner) == owner
    assert sent_workspace(new_id()) is None


def test_an_old_cookie_is_taken_no_longer_than_it_lives(cnn_home: Path) -> None:
    owner = new_id()
    queue.submit("train", {}, workspace=owner, name="Mine")
    sign(owner)
    long_ago = time.time() - (COOKIE_DAYS + 1) * 24 * 3600
    os.utime(cnn_home / "cookie.key", (long_ago, long_ago))
    workspace_cookie._key.cache_clear()
    assert sent_workspace(owner) is None
    assert sent_workspace(sign(owner)) == owner
