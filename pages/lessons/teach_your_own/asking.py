"""Nothing is destroyed by accident: a question before photos of the visitor's own go, and a way back afterwards."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from pages.lessons.teach_your_own import edits
from pages.shell.page_layout import prose

ASKED = "teach.asked"


class Question(NamedTuple):
    """A question before something is destroyed.

    Attributes:
        text: what will go, as Markdown.
        yes: label of the button that does it.
    """

    title: str
    text: str
    yes: str
    action: Callable[[], None]


def act_or_ask(question: Question, own_photos: int) -> None:
    """In a widget's callback: act at once if no photo of the visitor's own goes, else have ``show_question`` ask."""
    if own_photos:
        st.session_state[ASKED] = question
    else:
        question.action()


def show_question() -> None:
    """Show the open question, if any, in a dialog; closing it changes nothing."""
    if question := st.session_state.get(ASKED):
        st.dialog(question.title, on_dismiss=_close)(_show)(question)


def show_undo(place: int | None = None) -> None:
    """Show what has just been destroyed, and the button that brings it back, if it happened at this place.

    Args:
        place: see ``edits.Undo``.
    """
    spot = st.container()  # always there, or all that follows would move to another place and be drawn anew
    latest = edits.latest_undo()
    if latest is None or latest.place != place:
        return
    with spot, st.container(border=True, key="teach.undo_offer"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{latest.sentence}**", width="content")
            st.button("Undo", key="teach.undo", icon=":material/undo:", on_click=edits.undo)
        st.caption("You can undo it until you change something else here or reload the page.")


def _show(question: Question) -> None:
    prose(f"{question.text} You can undo it right afterwards.", key="teach.question")
    with st.container(horizontal=True):
        if st.button(question.yes, key="teach.question.yes", type="primary"):
            _close()
            question.action()
            st.rerun()
        if st.button("Cancel", key="teach.question.no"):
            _close()
            st.rerun()


def _close() -> None:
    st.session_state.pop(ASKED, None)
