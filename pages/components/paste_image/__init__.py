"""A field that accepts a picture pasted from the clipboard."""

import base64
from pathlib import Path

import numpy as np

from cnn.data.image_decoding import decode
from cnn.errors import ImageError
from pages.components import browser_component
from pages.components.data_uri import PNG_PREFIX

_component = browser_component(
    Path(__file__).parent,
    '<div class="field" tabindex="0" role="textbox" aria-label="Paste a picture here">Click here, then paste: '
    'Ctrl + V</div><p class="line" aria-live="polite"></p>',
)


def paste_image(*, key: str) -> tuple[str, np.ndarray] | None:
    """Show the field.

    Returns:
        An id of this paste, and the picture, uint8 (h, w, 3) of at most 640 pixels a side; None before the first paste.

    Raises:
        ImageError: what the browser sent is not a picture.
    """
    sent = _component(data={}, key=key, on_picture_change=lambda: None, default={"picture": None}).picture
    if not sent:
        return None
    id, _, address = str(sent).partition(" ")
    if not address.startswith(PNG_PREFIX):
        raise ImageError("What was pasted did not arrive as a picture. Copy it again.")
    return id, decode(base64.b64decode(address.removeprefix(PNG_PREFIX)), "the pasted picture")
