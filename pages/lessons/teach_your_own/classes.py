"""The classes of *Teach your own* with their photos, marked where the other photos speak against them."""

import numpy as np
import streamlit as st

from cnn.training.few_shot_head import FewShotHead
from pages.lessons.teach_your_own import session
from pages.shell.page_layout import notice
from pages.shell.text import percent
from pages.widgets.gallery import GalleryImage, gallery


def show_classes(head: FewShotHead | None) -> None:
    """Every class: its name, its photos, marked where the others speak against them."""
    if problem := st.session_state.pop("teach.name_problem", None):
        notice(problem)
    at = 0
    for number, (name, group) in enumerate(zip(session.names(), session.photos(), strict=True)):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
                key = f"teach.name.{number}.{name}"
                st.text_input("Name", name, key=key, max_chars=40, width=220, on_change=_rename, args=(number, key))
                st.caption(f"{len(group)} photos" if len(group) != 1 else "1 photo")
                st.button(
                    "Take away",
                    key=f"teach.remove.{number}",
                    disabled=len(session.names()) <= 2,
                    on_click=session.remove_class,
                    args=(number,),
                )
            gallery([_tile(photo, head, at + place, number) for place, photo in enumerate(group)], side=72)
        at += len(group)
    with st.container(horizontal=True):
        full = len(session.names()) >= session.MOST_CLASSES
        st.button("One more class", key="teach.more", icon=":material/add:", on_click=session.add_class, disabled=full)
        doubted = np.array([], bool) if head is None else _doubted(head)
        if doubted.any():
            label = f"Take out the {doubted.sum()} marked ✗" if doubted.sum() > 1 else "Take out the one marked ✗"
            st.button(label, key="teach.doubted", on_click=session.keep_photos, args=(~doubted,))


def _doubted(head: FewShotHead) -> np.ndarray:
    return head.probabilities.argmax(axis=1) != session.rows()[1]


def _tile(photo: session.Photo, head: FewShotHead | None, place: int, number: int) -> GalleryImage:
    if head is None:
        return GalleryImage(photo.seen, "", f"{photo.name}, of {session.names()[number]}")
    said = int(head.probabilities[place].argmax())
    kept = "kept back, " if head.held_out[place] else ""
    right = said == number
    caption = (
        f"{kept}{percent(float(head.probabilities[place, said]))}"
        if right
        else f"{kept}looks like {session.names()[said]}"
    )
    alt = f"{photo.name}, of {session.names()[number]}; the others say {session.names()[said]}"
    return GalleryImage(photo.seen, caption, alt, "right" if right else "wrong")


def _rename(number: int, key: str) -> None:
    st.session_state["teach.name_problem"] = session.rename(number, str(st.session_state[key]))
