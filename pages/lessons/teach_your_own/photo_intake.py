"""Photos from the visitor: uploaded, taken with the camera, or pasted."""

import numpy as np
import streamlit as st

from cnn.data.image_decoding import MAX_BYTES, decode_all
from cnn.errors import CnnError
from cnn.model.pretrained_bases import Base
from pages.components.paste_image import paste_image
from pages.lessons.teach_your_own import edits, session
from pages.shell.page_layout import plain_notice
from pages.shell.text import literal
from pages.widgets.image_input import TYPES, camera_allowed
from pages.widgets.uploads.uploaders import take_photo, upload_several

SOURCES = ("Upload", "Camera", "Paste")

NamedImage = tuple[str, np.ndarray]
"""A name, and uint8 (h, w, 1 or 3)."""


def show_intake(base: Base) -> None:
    """Choose a class and a source, and add the photos that arrive."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            titles = {index: literal(name) for index, name in enumerate(session.names())}
            # Set only if its class is gone: in a session that has just begun anew, the browser says what is chosen.
            if st.session_state.get("teach.to", 0) not in titles:
                st.session_state["teach.to"] = 0
            chosen = st.segmented_control(
                "Photos for",
                list(titles),
                default=None if "teach.to" in st.session_state else 0,
                key="teach.to",
                format_func=titles.__getitem__,
                required=True,
            )
            source = str(st.segmented_control("How", SOURCES, default=SOURCES[0], key="teach.way", required=True))
        received, problems = receive_photos(source, "teach.in")
        if received or problems:
            st.session_state[session.PROBLEMS] = problems + edits.add(base, int(chosen or 0), received)
            st.session_state[session.ARRIVALS] = st.session_state.get(session.ARRIVALS, 0) + 1
            st.rerun()
        for index, sentence in enumerate(st.session_state.pop(session.PROBLEMS, None) or []):
            plain_notice(sentence, key=f"teach.refused.{index}")


def receive_photos(source: str, key: str) -> tuple[list[NamedImage], list[str]]:
    """Show the input of a source and give the photos that have just arrived.

    Args:
        source: one of ``SOURCES``.
        key: prefix of the widget keys. The caller increments ``{key}.count`` after each arrival to empty the input.

    Returns:
        The readable photos, and a sentence for each unreadable one.
    """
    if source == "Paste":
        return _pasted_photo(key), []
    count = st.session_state.get(f"{key}.count", 0)
    problems = []
    if source == "Camera" and camera_allowed():
        shot = take_photo("Take a photo", key=f"{key}.camera.{count}", width=400)
        files = [("camera photo", shot.getvalue())] if shot else []
    else:
        uploaded = upload_several(
            "Photos, several at once",
            TYPES,
            key=f"{key}.files.{count}",
            max_upload_size=MAX_BYTES // 2**20,
            help="On a phone this opens the camera too.",
        )
        files = [(file.name, file.getvalue()) for file in uploaded[: session.MAX_PHOTOS]]
        if len(uploaded) > session.MAX_PHOTOS:
            problems.append(
                f"These were {len(uploaded)} photos; a class can have {session.MAX_PHOTOS}, so only the first "
                f"{session.MAX_PHOTOS} were looked at. A few dozen different ones teach as much."
            )
    photos: list[NamedImage] = []
    # Decoded and shrunk one at a time: a hundred photos from a phone are 4 GB.
    for file in files:
        good, bad = decode_all([file])
        photos += [(name, session.shrink_photo(picture)) for name, picture in good]
        problems += [sentence for _, sentence in bad]
    return photos, problems


def _pasted_photo(key: str) -> list[NamedImage]:
    """The picture just pasted, if any."""
    try:
        pasted = paste_image(key=f"{key}.paste")
    except CnnError as error:
        plain_notice(error)  # not kept in the session: the field still holds the picture, so it would come back
        return []
    if pasted is None or st.session_state.get(f"{key}.pasted") == pasted[0]:
        return []
    st.session_state[f"{key}.pasted"] = pasted[0]
    return [("pasted picture", pasted[1])]
