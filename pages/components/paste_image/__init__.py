"""A field into which a picture is pasted from the clipboard."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st

from cnn.data.image_decoding import decode
from cnn.errors import ImageError

_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_paste",
    html='<div class="field" tabindex="0" role="textbox" aria-label="Paste a picture here">Click here, then paste: '
    'Ctrl + V</div><p class="line" aria-live="polite"></p>',
    css=(_here / "paste_image.css").read_text(),
    js=(_here / "paste_image.js").read_text(),
)
_PREFIX = "data:image/png;base64,"


def paste_image(*, key: str) -> tuple[str, np.ndarray] | None:
    """Show the field.

    Returns:
        What names this pasting, and the picture, uint8 (h, w, 3), at most 640 pixels a side; None before any.

    Raises:
        ImageError: what the browser sent is no picture.
    """
    sent = _component(data={}, key=key, on_picture_change=lambda: None, default={"picture": None}).picture
    if not sent:
        return None
    name, _, address = str(sent).partition(" ")
    if not address.startswith(_PREFIX):
        raise ImageError("What was pasted did not arrive as a picture. Copy it again.")
    return name, decode(base64.b64decode(address.removeprefix(_PREFIX)), "the pasted picture")
