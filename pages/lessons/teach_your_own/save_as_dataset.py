"""The session's photos saved as a data set of the visitor's own, for training a model that stays."""

import io
from functools import partial

import streamlit as st

from cnn.data.own.image_reader import ReadingChoices
from cnn.data.own.project_file import write_project
from cnn.requests import datasets as dataset_requests
from cnn.requests import names
from pages.lessons.teach_your_own import session
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose
from pages.shell.workspace import workspace
from pages.widgets.name_field import ask_name, forget_name

REQUESTED = "teach.kept"
TITLE = "teach.dataset_name"


def save_as_dataset_view() -> None:
    """The button that saves the photos under a name, and a link to the data set afterwards."""
    suggestion, free = (
        f"Photos of {', '.join(session.names())}",
        partial(names.free_dataset_name, workspace=workspace()),
    )
    ask_name(suggestion, free, key=TITLE, label="Name of the data set", most=names.MAX_DATASET_NAME)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Keep these photos as a data set", key="teach.keep", on_click=attempt, args=("teach.keep", _save_photos)
        )
        prose(
            "A data set stays on this server until you delete it, and every page can use it: train a network on your "
            "photos, look inside it, explain its answers, export it. Each class needs at least five photos."
        )
    show_refusal("teach.keep")
    if st.session_state.get(REQUESTED):
        prose("The data set is being made. Find it among your own images, then train a head for it.")
        st.page_link("images.py", label="Your own images", query_params={"images.view": "own"})


def _save_photos() -> None:
    pictures = [[photo.picture for photo in group] for group in session.photos()]
    file = io.BytesIO(write_project(session.names(), pictures))
    # What the field has now: a click may come before the page has followed the typing.
    title = st.session_state[TITLE]
    dataset_requests.import_images([("photos.zip", file)], title, workspace(), ReadingChoices(layout="outer"))
    forget_name(TITLE)
    st.session_state[REQUESTED] = True
