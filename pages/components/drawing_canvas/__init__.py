"""A canvas to draw on, which returns the drawing as an image."""

import base64
from pathlib import Path

import numpy as np

from cnn.data.image_decoding import decode
from cnn.errors import ImageError
from pages.components import browser_component
from pages.components.data_uri import PNG_PREFIX

_HTML = """
<div class="pad">
  <canvas width="280" height="280" tabindex="0" role="application" aria-describedby="drawing-keys"></canvas>
  <span class="cursor" aria-hidden="true"></span>
</div>
<p id="drawing-keys">Draw with finger or mouse. Keys: arrows move, space puts the pen down or up.</p>
<button type="button">Clear the drawing</button>
"""
_component = browser_component(Path(__file__).parent, _HTML)


def drawing_canvas(label: str, *, key: str) -> np.ndarray | None:
    """Show a canvas of 280 x 280 pixels, with white ink on black.

    Args:
        label: its name for screen readers.

    Returns:
        uint8 (280, 280), 0 without ink to 255 with ink; None before anything is drawn.

    Raises:
        ImageError: what the browser sent is not a drawing.
    """
    result = _component(data={"label": label}, key=key, on_drawing_change=lambda: None, default={"drawing": None})
    sent = result.drawing
    if not sent:
        return None
    if not isinstance(sent, str) or not sent.startswith(PNG_PREFIX):
        raise ImageError("The drawing did not arrive as an image. Clear it and draw again.")
    image = decode(base64.b64decode(sent.removeprefix(PNG_PREFIX)), "your drawing")
    if image.shape[:2] != (280, 280):
        raise ImageError("The drawing did not arrive whole. Clear it and draw again.")
    return image[..., 0]
