"""The session's photos saved as a data set of the visitor's own, for training a model that stays."""

import io

import streamlit as st
from PIL import Image

from cnn.data.own.image_reader import ReadingChoices
from cnn.requests import datasets as dataset_requests
from pages.lessons.teach_your_own import session
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose
from pages.shell.workspace import workspace

REQUESTED = "teach.kept"


def save_as_dataset_view() -> None:
    """The button that saves the photos, and a link to the data set afterwards."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Keep these photos as a data set", key="teach.keep", on_click=attempt, args=("teach.keep", _save_photos)
        )
        prose(
            "Then they are yours on all pages until you delete them, and a network that learns from them can be looked "
            "into, explained and taken away. At least five photos of each class."
        )
    show_refusal("teach.keep")
    if st.session_state.get(REQUESTED):
        prose("They are being laid out. Find them among your own images, then put a head on them.")
        st.page_link("images.py", label="Your own images", query_params={"images.view": "own"})


def _save_photos() -> None:
    files = []
    for name, group in zip(session.names(), session.photos(), strict=True):
        for number, photo in enumerate(group, 1):
            file = io.BytesIO()
            Image.fromarray(photo.picture if photo.picture.shape[2] == 3 else photo.picture[..., 0]).save(file, "PNG")
            folder = name.replace("/", "\N{DIVISION SLASH}").replace("\\", "\N{SET MINUS}")  # no folder in a folder
            files.append((f"{folder}/{number}.png", file))
    dataset_requests.import_images(files, ", ".join(session.names())[:60], workspace(), ReadingChoices(layout="outer"))
    st.session_state[REQUESTED] = True
