"""Which lessons a visitor has opened: one small file for each workspace, so that a reload keeps the ticks.

A browser that sends no cookie could not be told apart from others later: its ticks last as long as its tab.
"""

from contextlib import suppress

import streamlit as st

from cnn.errors import DamagedFileError
from cnn.files import delete_old
from cnn.stored_files import read_lines
from pages.server.workspace_cookie import COOKIE_DAYS, visits_file
from pages.shell.menu import all_lessons
from pages.shell.workspace import workspace_from_cookie

_OPENED = "visits.opened"


def note_visit(file: str) -> None:
    """Note that the visitor has opened a page; anything but a lesson, such as Home, is left out.

    Args:
        file: of the page, as in the menu, such as "training.py".
    """
    opened = st.session_state.setdefault(_OPENED, set())
    if file in opened or file not in _lessons():
        return
    opened.add(file)
    owner = workspace_from_cookie()
    if owner is not None and file not in _read(owner):
        with suppress(OSError):  # a full disk takes the tick, and not the page
            _append(owner, file)


def visited_lessons() -> frozenset[str]:
    """Files of the lessons that the visitor has opened, such as "training.py"."""
    owner = workspace_from_cookie()
    return frozenset(st.session_state.get(_OPENED, ())) | (_read(owner) if owner else frozenset())


def _append(owner: str, file: str) -> None:
    path = visits_file(owner)
    is_new = not path.exists()
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as lines:  # two tabs may write at once: neither loses what the other adds
        lines.write(f"{file}\n")
    if is_new:
        # Of workspaces whose cookie has expired, which no browser can send any more.
        delete_old(path.parent.glob("*.txt"), COOKIE_DAYS * 24 * 3600)


def _read(owner: str) -> frozenset[str]:
    try:
        lines = read_lines(visits_file(owner))
    except DamagedFileError:
        return frozenset()
    return frozenset(lines) & _lessons()


def _lessons() -> frozenset[str]:
    return frozenset(lesson.file for lesson in all_lessons() if lesson.group)
