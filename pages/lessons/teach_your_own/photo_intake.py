"""The views of *Teach your own*: photos come in, the classes with their photos, and the answer beside them."""

import numpy as np
import streamlit as st

from cnn.data.image_decoding import MAX_BYTES, decode_all
from cnn.errors import CnnError
from cnn.model.pretrained_bases import Base
from pages.components.paste_image import paste_image
from pages.lessons.teach_your_own import session
from pages.shell.page_layout import notice
from pages.widgets.image_input import TYPES, camera_allowed

WAYS = ("Upload", "Camera", "Paste")


def show_intake(base: Base) -> None:
    """Which class gets photos, and how they come in."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            titles = dict(enumerate(session.names()))
            if st.session_state.get("teach.to") not in titles:
                st.session_state["teach.to"] = 0
            number = st.segmented_control(
                "Photos for", list(titles), key="teach.to", format_func=titles.get, required=True
            )
            way = st.segmented_control("How", WAYS, default=WAYS[0], key="teach.way", required=True)
        arrived, refused = arriving_photos(way, "teach.in")
        if arrived or refused:
            st.session_state[session.PROBLEMS] = refused + session.add(base, int(number), arrived)
            st.session_state["teach.in.count"] = st.session_state.get("teach.in.count", 0) + 1
            st.rerun()
        for sentence in st.session_state.pop(session.PROBLEMS, None) or []:
            notice(sentence)


def arriving_photos(way: str, key: str) -> tuple[list[tuple[str, np.ndarray]], list[str]]:
    """Photos that have just come in, and a sentence on each that cannot be taken; the others go on."""
    count = st.session_state.get(f"{key}.count", 0)
    if way == "Paste":
        try:
            pasted = paste_image(key=f"{key}.paste")
        except CnnError as error:
            notice(str(error))  # not remembered: the field still holds it, and would bring it again
            return [], []
        if pasted is None or st.session_state.get(f"{key}.pasted") == pasted[0]:
            return [], []
        st.session_state[f"{key}.pasted"] = pasted[0]
        return [("pasted picture", pasted[1])], []
    sentences = []
    if way == "Camera" and camera_allowed():
        taken = st.camera_input("Take a photo", key=f"{key}.camera.{count}", width=400)
        files = [("camera photo", taken.getvalue())] if taken else []
    else:
        uploaded = st.file_uploader(
            "Photos, several at once",
            TYPES,
            accept_multiple_files=True,
            key=f"{key}.files.{count}",
            max_upload_size=MAX_BYTES // 2**20,
            help="On a phone this opens the camera too.",
        )
        files = [(file.name, file.getvalue()) for file in uploaded[: session.MOST_PHOTOS]]
        if len(uploaded) > session.MOST_PHOTOS:
            sentences.append(
                f"These were {len(uploaded)} photos; a class can have {session.MOST_PHOTOS}, so only the first "
                f"{session.MOST_PHOTOS} were looked at. A few dozen different ones teach as much."
            )
    taken: list[tuple[str, np.ndarray]] = []
    # One by one and made small at once: a hundred photos of a phone are 4 GB.
    for file in files:
        good, bad = decode_all([file])
        taken += [(name, session.shrink_photo(picture)) for name, picture in good]
        sentences += [sentence for _, sentence in bad]
    return taken, sentences
