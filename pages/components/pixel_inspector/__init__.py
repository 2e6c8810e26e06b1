"""An image in which every pixel can be asked for its numbers."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st

from cnn.data.images import CHANNEL_NAMES

_HTML = """
<div class="picture"><canvas tabindex="0" role="application"></canvas><i class="frame" aria-hidden="true"></i></div>
<p class="line" aria-live="polite"></p>
"""
_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_pixels",
    html=_HTML,
    css=(_here / "pixel_inspector.css").read_text(),
    js=(_here / "pixel_inspector.js").read_text(),
)


def pixel_inspector(label: str, image: np.ndarray, *, key: str) -> None:
    """Show ``image``, uint8 (H, W, 1 or 3), and the numbers of the pixel under the pointer."""
    height, width, channels = image.shape
    values = base64.b64encode(np.ascontiguousarray(image).tobytes()).decode()
    data = {"label": label, "height": height, "width": width, "channels": channels, "values": values}
    _component(data=data | {"names": list(CHANNEL_NAMES[channels])}, key=key)
