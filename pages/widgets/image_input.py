"""Sources of input images: upload, camera, test images, drawing, sample photos."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.builtin.digit_drawings import digit_from_drawing
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.image_decoding import MAX_BYTES, Decoding, decode_photo
from cnn.errors import ImageError
from cnn.model.store import Card
from pages.components.drawing_canvas import drawing_canvas
from pages.shell.page_layout import notice
from pages.widgets import linked_inputs

TYPES = ["jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif"]
MAX_PHOTOS = 200
WATCHED = "watched.npz"


class Photo(NamedTuple):
    """A picture from one of the sources.

    Attributes:
        name: to show.
        image: uint8 (h, w, 1 or 3).
        decoding: of its file, if it came as one.
    """

    name: str
    image: np.ndarray
    decoding: Decoding | None = None


def available_sources(card: Card) -> list[str]:
    """The sources that suit a network, the default first."""
    sources = ["Test image"] if catalog.is_prepared(card.dataset) else []
    if not sources and (card.folder / WATCHED).is_file():
        sources = [
            "Validation image"
        ]  # stored with the run, so a page is not blank while its data set is being prepared
    if card.input_shape[2] == 3:
        sources.append("A photo of ours")
    return sources + (["Draw"] if card.input_shape[2] == 1 else []) + ["Upload", "Camera"]


def input_images(source: str, card: Card, page: str = "predict") -> Iterator[Photo]:
    """The images from a source, one at a time; those that cannot be read are reported and left out.

    Each is decoded when it is asked for: two hundred photos from a phone are 7 GB.

    Args:
        source: one of ``available_sources``.
        page: prefix of the page's widget keys.

    Raises:
        CnnError: no image could be read.
    """
    match source:
        case "Test image":
            yield _test_image(card, page)
        case "Validation image":
            yield _watched_image(card, page)
        case "Draw":
            strokes = drawing_canvas("Draw a digit here", key=f"{page}.drawing")
            if strokes is not None:
                yield Photo("Your drawing", digit_from_drawing(strokes))
        case "A photo of ours":
            yield _sample_photo(page)
        case "Camera":
            yield from _camera_photo(page)
        case _:
            yield from _uploaded_photos(page)


def _sample_photo(page: str) -> Photo:
    names = {name: title for name, (title, _, _) in PHOTOS.items()}
    name = linked_inputs.choice(f"{page}.photo", "Which one", names, width=230)
    st.caption(PHOTOS[name][2])
    return Photo(PHOTOS[name][0], load_photo(name))


def _uploaded_photos(page: str) -> Iterator[Photo]:
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
    return _decode_photos([(file.name, file) for file in files[:MAX_PHOTOS]], page)


def camera_allowed() -> bool:
    """Whether browsers allow this page to use the camera; if not, the page says so."""
    address = urlsplit(st.context.url or "")
    allowed = address.scheme == "https" or address.hostname in ("localhost", "127.0.0.1", "::1")
    if not allowed:
        notice("Browsers lend a page the camera only over https. Upload instead: on a phone that opens the camera.")
    return allowed


def _camera_photo(page: str) -> Iterator[Photo]:
    if not camera_allowed():
        return _uploaded_photos(page)
    taken = st.camera_input("Take a photo", key=f"{page}.camera", width=480)
    return _decode_photos([("Your photo", taken)] if taken else [], page)


def _decode_photos(files: list[tuple[str, BinaryIO]], page: str) -> Iterator[Photo]:
    for index, (name, file) in enumerate(files):
        file.seek(0)
        try:
            yield Photo(name, *decode_photo(file.read(), name))
        except ImageError as error:
            notice(str(error), key=f"{page}.unreadable.{index}")


def _test_image(card: Card, page: str) -> Photo:
    test = catalog.load(card.dataset, "test")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.number_input("Number of the test image", 1, len(test), 1, key=f"{page}.number", width=220)
        st.button("Another image", key=f"{page}.another", on_click=_choose_random_image, args=(page, len(test)))
    true_class = card.class_names[int(test.labels[number - 1])]
    return Photo(f"Test image {number}, correct answer: {true_class}", test.image(number - 1))


def _watched_image(card: Card, page: str) -> Photo:
    with np.load(card.folder / WATCHED) as file:
        images, labels = file["images"], file["labels"]
    number = st.number_input("Number of the validation image", 1, len(images), 1, key=f"{page}.held_out", width=240)
    true_class = card.class_names[int(labels[number - 1])]
    return Photo(f"Validation image {number}, correct answer: {true_class}", images[number - 1])


def _choose_random_image(page: str, count: int) -> None:
    st.session_state[f"{page}.number"] = int(np.random.default_rng().integers(1, count + 1))
