"""The classes with their photos, each photo marked where a head fitted to the others disagrees with its class."""

from functools import partial

import numpy as np
import streamlit as st

from cnn.training.few_shot_head import FewShotHead
from pages.lessons.teach_your_own import edits, session
from pages.lessons.teach_your_own.asking import Question, act_or_ask, show_undo
from pages.lessons.teach_your_own.head import labels
from pages.shell.page_layout import plain_notice, prose
from pages.shell.text import literal, percent
from pages.widgets.gallery import GalleryImage, gallery


def show_classes(head: FewShotHead | None) -> None:
    """Every class with its name and photos, and the buttons that change them."""
    if problem := st.session_state.pop("teach.name_problem", None):
        plain_notice(problem)
    if question := st.session_state.get(session.CASE):
        _ask_about_case(question)
    first_row = 0
    for class_index, (name, group) in enumerate(zip(session.names(), session.photos(), strict=True)):
        show_undo(class_index)
        with st.container(border=True, key=f"teach.class.{class_index}"):
            with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
                key = f"teach.name.{class_index}.{name}"
                label = f"Name of class {class_index + 1}"
                st.text_input(label, name, key=key, max_chars=40, width=220, on_change=_rename, args=(class_index, key))
                st.caption(edits.count_photos(len(group)))
                st.button(
                    f"Remove class {class_index + 1}",
                    key=f"teach.remove.{class_index}",
                    disabled=len(session.names()) <= 2,
                    on_click=_remove,
                    args=(class_index,),
                )
            gallery(
                [_tile(photo, head, row, class_index) for row, photo in enumerate(group, first_row)],
                side=session.THUMBNAIL,
            )
        first_row += len(group)
    show_undo(len(session.names()))
    with st.container(horizontal=True):
        full = len(session.names()) >= session.MAX_CLASSES
        st.button("One more class", key="teach.more", icon=":material/add:", on_click=edits.add_class, disabled=full)
        wrong = np.array([], bool) if head is None else head.probabilities.argmax(axis=1) != labels()
        if wrong.any():
            label = f"Take out the {wrong.sum()} marked ✗" if wrong.sum() > 1 else "Take out the one marked ✗"
            photos = [photo for group in session.photos() for photo in group]
            doubted = [photos[row] for row in np.flatnonzero(wrong)]
            st.button(label, key="teach.doubted", on_click=edits.remove_photos, args=(doubted,))


def _remove(class_index: int) -> None:
    text = f"{edits.describe_class(class_index)} goes."
    question = Question("Remove this class?", text, "Remove it", partial(edits.remove_class, class_index))
    act_or_ask(question, session.own_photos(class_index))


def _ask_about_case(question: edits.CaseQuestion) -> None:
    with st.container(border=True, key="teach.case_question"):
        other = literal(session.names()[question.other_index])
        prose(f"“{literal(question.name)}” and “{other}” differ in upper and lower case alone. Are they one class?")
        with st.container(horizontal=True):
            for label, key, one_class in (("One class", "one", True), ("Two classes", "two", False)):
                arguments = {"question": question, "one_class": one_class}
                st.button(label, key=f"teach.case.{key}", on_click=edits.answer_case, kwargs=arguments)


def _tile(photo: session.Photo, head: FewShotHead | None, row: int, class_index: int) -> GalleryImage:
    """A photo of a class; ``row`` is its position among the photos of all classes."""
    names = session.names()
    if head is None:
        return GalleryImage(photo.thumbnail, "", f"{photo.name}, of {names[class_index]}")
    predicted = int(head.probabilities[row].argmax())
    prefix = "test photo, " if head.held_out[row] else ""
    alt = f"{photo.name}, of {names[class_index]}; the others say {names[predicted]}"
    if predicted == class_index:
        return GalleryImage(
            photo.thumbnail, f"{prefix}{percent(float(head.probabilities[row, predicted]))}", alt, "right"
        )
    return GalleryImage(photo.thumbnail, f"{prefix}looks like {names[predicted]}", alt, "wrong")


def _rename(class_index: int, key: str) -> None:
    st.session_state["teach.name_problem"] = edits.rename(class_index, str(st.session_state[key]))
