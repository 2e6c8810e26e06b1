"""The row of buttons for the project as a whole: open, save, examples, a new start, and deleting all photos."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from cnn.model.pretrained_bases import Base
from pages.lessons.teach_your_own import edits, session
from pages.lessons.teach_your_own.asking import Question, act_or_ask, show_question, show_undo
from pages.lessons.teach_your_own.project_file import offer_to_open, offer_to_save, show_opening

EXAMPLE_TITLES = {"fair": "Stars and hearts", "broken": "Broken on purpose: moons and circles"}


def show_project_row(base: Base) -> None:
    """The buttons, the question that one of them has led to, and the way back."""
    with st.container(horizontal=True, key="teach.project"):
        offer_to_open()
        offer_to_save()
        st.menu_button(
            "Examples",
            list(EXAMPLE_TITLES),
            format_func=EXAMPLE_TITLES.__getitem__,
            key="teach.examples",
            on_click=_load_example,
            args=(base,),
        )
        st.button("Start with empty classes", key="teach.empty", on_click=_start_empty)
        st.button(
            "Delete all photos",
            key="teach.delete",
            icon=":material/delete:",
            on_click=_delete_photos,
            disabled=not any(session.photos()),
        )
    show_question()
    show_opening(base)
    show_undo()


def _load_example(base: Base) -> None:
    example = str(st.session_state["teach.examples"])
    _replace("An example takes their place.", partial(edits.load_example, base, example))


def _start_empty() -> None:
    _replace("Two empty classes take their place.", edits.start_empty)


def _delete_photos() -> None:
    own = session.own_photos()
    text = f"{edits.count_photos(own)} of your own will be deleted. The classes and their names stay."
    act_or_ask(Question("Delete all photos?", text, "Delete them", edits.delete_photos), own)


def _replace(by: str, action: Callable[[], None]) -> None:
    own = session.own_photos()
    text = f"You have {edits.count_photos(own)} of your own here. {by}"
    act_or_ask(Question("Replace your photos?", text, "Replace them", action), own)
