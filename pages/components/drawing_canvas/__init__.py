"""A canvas to draw on; the drawing comes back as an image."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st

from cnn.data.image_decoding import decode
from cnn.errors import ImageError

_HTML = """
<div class="pad">
  <canvas width="280" height="280" tabindex="0" role="application" aria-describedby="drawing-keys"></canvas>
  <span class="cursor" aria-hidden="true"></span>
</div>
<p id="drawing-keys">Draw with finger or mouse. Keys: arrows move, space puts the pen down or up.</p>
<button type="button">Clear the drawing</button>
"""
_CSS = """
.pad { position: relative; width: 280px; max-width: 100%; }
canvas { display: block; width: 100%; border: 1px solid var(--st-border-color); border-radius: 8px; touch-action: none;
  cursor: crosshair; }
canvas:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
.cursor { display: none; position: absolute; width: 14px; height: 14px; margin: -7px 0 0 -7px; border-radius: 50%;
  border: 2px solid #f2a065; pointer-events: none; }
canvas:focus-visible + .cursor { display: block; }
.cursor.down { background: #f2a065; }
p { margin: 8px 0; font-family: var(--st-font); font-size: 14px; color: var(--st-text-color); max-width: 280px; }
button { font-family: var(--st-font); font-size: 16px; color: var(--st-text-color); background: transparent;
  border: 1px solid var(--st-border-color); border-radius: 8px; padding: 6px 14px; min-height: 40px; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); }
"""
_canvas = st.components.v2.component(
    "convnet_lab_drawing", html=_HTML, css=_CSS, js=(Path(__file__).parent / "drawing_canvas.js").read_text()
)
_PREFIX = "data:image/png;base64,"


def drawing_canvas(label: str, *, key: str) -> np.ndarray | None:
    """A canvas, 280 x 280, white ink on black.

    Args:
        label: what a screen reader calls it.

    Returns:
        uint8 (280, 280), 0 where there is no ink and 255 where there is, or None before anything is drawn.

    Raises:
        ImageError: what the browser sent is not a drawing.
    """
    result = _canvas(data={"label": label}, key=key, on_drawing_change=lambda: None, default={"drawing": None})
    sent = result.drawing
    if not sent:
        return None
    if not isinstance(sent, str) or not sent.startswith(_PREFIX):
        raise ImageError("The drawing did not arrive as an image. Clear it and draw again.")
    image = decode(base64.b64decode(sent.removeprefix(_PREFIX)), "your drawing")
    if image.shape[:2] != (280, 280):
        raise ImageError("The drawing did not arrive whole. Clear it and draw again.")
    return image[..., 0]
