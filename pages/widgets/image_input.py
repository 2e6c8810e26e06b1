"""Where a visitor's own images come from: upload, camera, drawing."""

from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from cnn.data.builtin.digit_drawings import digit_from_drawing
from cnn.data.image_decoding import MAX_BYTES, Decoding, decode_photo
from cnn.typed_text import make_visible
from pages.components.drawing_canvas import drawing_canvas
from pages.shell.page_layout import notice
from pages.shell.text import duration
from pages.shell.visitor_memory import KEPT_SECONDS
from pages.widgets.uploads.upload import Upload
from pages.widgets.uploads.uploaders import take_photo, upload_several

TYPES = ["jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif"]
MAX_PHOTOS = 200


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


def drawing(key: str) -> np.ndarray | None:
    """Show the canvas; the digit drawn, uint8 (h, w, 1), or None before the first stroke."""
    strokes = drawing_canvas("Draw a digit here", key=key)
    return None if strokes is None else digit_from_drawing(strokes)


def uploaded_photos(key: str) -> list[tuple[str, Upload]]:
    """Show the upload; the photos in it, with their names, at most ``MAX_PHOTOS``.

    Args:
        key: prefix of the widget's key.
    """
    files = upload_several(
        "Photos",
        TYPES,
        key=f"{key}.files",
        max_upload_size=MAX_BYTES // 2**20,
        help="On a phone this opens the camera too.",
    )
    st.caption(
        "Your photos stay on this server, where nobody else sees them, while this tab is open and at most "
        f"{duration(KEPT_SECONDS)} longer."
    )
    if len(files) > MAX_PHOTOS:
        notice(f"These are {len(files)} photos; the first {MAX_PHOTOS} are shown. Upload the others in a second go.")
    return [(make_visible(file.name), file) for file in files[:MAX_PHOTOS]]


def camera_allowed() -> bool:
    """Whether browsers allow this page to use the camera; if not, the page says so."""
    address = urlsplit(st.context.url or "")
    allowed = address.scheme == "https" or address.hostname in ("localhost", "127.0.0.1", "::1")
    if not allowed:
        notice("Browsers lend a page the camera only over https. Upload instead: on a phone that opens the camera.")
    return allowed


def photo_from_camera(key: str) -> list[tuple[str, Upload]]:
    """Show the camera, or the upload where browsers do not lend it; the photo taken, with a name, if there is one."""
    if not camera_allowed():
        return uploaded_photos(key)
    taken = take_photo("Take a photo", key=f"{key}.camera", width=480)
    return [("Your photo", taken)] if taken else []


def read_upload(name: str, file: Upload) -> Photo:
    """The photo in a file, decoded.

    Raises:
        ImageError: it cannot be read.
    """
    file.seek(0)
    return Photo(name, *decode_photo(file.read(), name))
