"""The classes with their photos, each photo marked where a head fitted to the others disagrees with its class."""

import numpy as np
import streamlit as st

from cnn.training.few_shot_head import FewShotHead
from pages.lessons.teach_your_own import session
from pages.shell.page_layout import notice, prose
from pages.shell.text import literal, percent
from pages.widgets.gallery import GalleryImage, gallery


def show_classes(head: FewShotHead | None) -> None:
    """Every class with its name and photos, and the buttons that change them."""
    if problem := st.session_state.pop("teach.name_problem", None):
        notice(problem)
    if question := st.session_state.get(session.CASE):
        _ask_about_case(question)
    first_row = 0
    for class_index, (name, group) in enumerate(zip(session.names(), session.photos(), strict=True)):
        with st.container(border=True, key=f"teach.class.{class_index}"):
            with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
                key = f"teach.name.{class_index}.{name}"
                st.text_input(
                    "Name", name, key=key, max_chars=40, width=220, on_change=_rename, args=(class_index, key)
                )
                st.caption(f"{len(group)} photos" if len(group) != 1 else "1 photo")
                st.button(
                    "Remove",
                    key=f"teach.remove.{class_index}",
                    disabled=len(session.names()) <= 2,
                    on_click=session.remove_class,
                    args=(class_index,),
                )
            gallery([_tile(photo, head, row, class_index) for row, photo in enumerate(group, first_row)], side=72)
        first_row += len(group)
    with st.container(horizontal=True):
        full = len(session.names()) >= session.MAX_CLASSES
        st.button("One more class", key="teach.more", icon=":material/add:", on_click=session.add_class, disabled=full)
        wrong = np.array([], bool) if head is None else head.probabilities.argmax(axis=1) != session.labels()
        if wrong.any():
            label = f"Take out the {wrong.sum()} marked ✗" if wrong.sum() > 1 else "Take out the one marked ✗"
            photos = [photo for group in session.photos() for photo in group]
            doubted = [photos[row] for row in np.flatnonzero(wrong)]
            st.button(label, key="teach.doubted", on_click=session.remove_photos, args=(doubted,))


def _ask_about_case(question: session.CaseQuestion) -> None:
    with st.container(border=True, key="teach.case_question"):
        other = literal(session.names()[question.other_index])
        prose(f"“{literal(question.name)}” and “{other}” differ in upper and lower case alone. Are they one class?")
        with st.container(horizontal=True):
            for label, key, one_class in (("One class", "one", True), ("Two classes", "two", False)):
                arguments = {"question": question, "one_class": one_class}
                st.button(label, key=f"teach.case.{key}", on_click=session.answer_case, kwargs=arguments)


def _tile(photo: session.Photo, head: FewShotHead | None, row: int, class_index: int) -> GalleryImage:
    """A photo of a class; ``row`` is its position among the photos of all classes."""
    names = session.names()
    if head is None:
        return GalleryImage(photo.fitted, "", f"{photo.name}, of {names[class_index]}")
    predicted = int(head.probabilities[row].argmax())
    prefix = "test photo, " if head.held_out[row] else ""
    alt = f"{photo.name}, of {names[class_index]}; the others say {names[predicted]}"
    if predicted == class_index:
        return GalleryImage(photo.fitted, f"{prefix}{percent(float(head.probabilities[row, predicted]))}", alt, "right")
    return GalleryImage(photo.fitted, f"{prefix}looks like {names[predicted]}", alt, "wrong")


def _rename(class_index: int, key: str) -> None:
    st.session_state["teach.name_problem"] = session.rename(class_index, str(st.session_state[key]))
