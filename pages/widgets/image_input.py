"""The ways a picture comes into the app: uploaded, taken here, picked from the test images, or drawn."""

from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.builtin.digit_drawings import digit_from_drawing
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.image_decoding import MAX_BYTES, decode_all
from cnn.model.store import Card
from pages.components.drawing_canvas import drawing_canvas
from pages.shell.page_layout import notice
from pages.widgets import linked_inputs

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"]
MAX_PHOTOS = 200
WATCHED = "watched.npz"

Photo = tuple[str, np.ndarray]
"""A name to show, and uint8 (h, w, 1 or 3)."""


def available_sources(card: Card) -> list[str]:
    """The ways that make sense for a network, the best opening one first."""
    ways = ["Test image"] if catalog.is_prepared(card.dataset) else []
    if not ways and (card.folder / WATCHED).is_file():
        ways = ["Held-out image"]  # they came with the run, so a page is not blank while its data set is being made
    if card.input_shape[2] == 3:
        ways.append("A photo of ours")
    return ways + (["Draw"] if card.input_shape[2] == 1 else []) + ["Upload", "Camera"]


def input_images(way: str, card: Card, page: str = "predict") -> list[Photo]:
    """The pictures that came in by one of ``available_sources``; what cannot be read says why, the others go on.

    Args:
        page: prefix of the page's widget keys.

    Raises:
        CnnError: nothing could be read.
    """
    match way:
        case "Test image":
            return _from_test(card, page)
        case "Held-out image":
            return _watched(card, page)
        case "Draw":
            strokes = drawing_canvas("Draw a digit here", key=f"{page}.drawing")
            return [] if strokes is None else [("Your drawing", digit_from_drawing(strokes))]
        case "A photo of ours":
            return [_ours(page)]
        case "Camera":
            return _from_camera(page)
    return _uploaded(page)


def _ours(page: str) -> Photo:
    names = {name: title for name, (title, _, _) in PHOTOS.items()}
    name = linked_inputs.choice(f"{page}.photo", "Which one", names, width=230)
    st.caption(PHOTOS[name][2])
    return PHOTOS[name][0], load_photo(name)


def _uploaded(page: str) -> list[Photo]:
    files = st.file_uploader(
        "Photos",
        TYPES,
        accept_multiple_files=True,
        key=f"{page}.files",
        max_upload_size=MAX_BYTES // 2**20,
        help="On a phone this opens the camera too.",
    )
    st.caption("Your photos stay in this server's memory, nobody else sees them, and they are gone when you leave.")
    if len(files) > MAX_PHOTOS:
        notice(f"These are {len(files)} photos; the first {MAX_PHOTOS} are shown. Upload the others in a second go.")
    return _decoded([(file.name, file.getvalue()) for file in files[:MAX_PHOTOS]])


def camera_allowed() -> bool:
    """Whether browsers lend this page the camera; where they do not, the page says so."""
    address = urlsplit(st.context.url or "")
    allowed = address.scheme == "https" or address.hostname in ("localhost", "127.0.0.1", "::1")
    if not allowed:
        notice("Browsers lend a page the camera only over https. Upload instead: on a phone that opens the camera.")
    return allowed


def _from_camera(page: str) -> list[Photo]:
    if not camera_allowed():
        return _uploaded(page)
    taken = st.camera_input("Take a photo", key=f"{page}.camera", width=480)
    return _decoded([("Your photo", taken.getvalue())] if taken else [])


def _decoded(files: list[tuple[str, bytes]]) -> list[Photo]:
    good, bad = decode_all(files)
    for _, sentence in bad:
        notice(sentence)
    return good


def _from_test(card: Card, page: str) -> list[Photo]:
    test = catalog.load(card.dataset, "test")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.number_input("Number of the test image", 1, len(test), 1, key=f"{page}.number", width=220)
        st.button("Another one", key=f"{page}.another", on_click=_another, args=(page, len(test)))
    truth = card.class_names[int(test.labels[number - 1])]
    return [(f"Test image {number}, really: {truth}", test.image(number - 1))]


def _watched(card: Card, page: str) -> list[Photo]:
    with np.load(card.folder / WATCHED) as kept:
        images, labels = kept["images"], kept["labels"]
    number = st.number_input("Number of the held-out image", 1, len(images), 1, key=f"{page}.held_out", width=240)
    truth = card.class_names[int(labels[number - 1])]
    return [(f"Held-out image {number}, really: {truth}", images[number - 1])]


def _another(page: str, count: int) -> None:
    st.session_state[f"{page}.number"] = int(np.random.default_rng().integers(1, count + 1))
