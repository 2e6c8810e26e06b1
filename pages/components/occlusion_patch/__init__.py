"""A grey square that is dragged over an image; the answer to what is left was asked for at every place before."""

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from cnn.analysis.attribution.occlusion import Occlusion
from cnn.figures.mosaic import png

_HTML = """
<div class="occluder">
  <canvas tabindex="0" role="application"></canvas>
  <p class="line" aria-live="polite"></p>
</div>
"""
_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_occluder",
    html=_HTML,
    css=(_here / "occlusion_patch.css").read_text(),
    js=(_here / "occlusion_patch.js").read_text(),
)


def occlusion_patch(image: np.ndarray, found: Occlusion, class_names: Sequence[str], *, key: str) -> None:
    """Show it; nothing comes back from the browser.

    Args:
        image: uint8 (H, W, 1 or 3), as the network gets it.
    """
    height, width = image.shape[:2]
    data = {
        "height": height,
        "width": width,
        "image": "data:image/png;base64," + base64.b64encode(png(image)).decode(),
        "tops": found.tops.tolist(),
        "lefts": found.lefts.tolist(),
        "size": found.size,
        "classes": list(class_names),
        "whole": np.round(found.whole, 4).tolist(),
        "answers": np.round(found.probabilities, 4).tolist(),
    }
    _component(data=data, key=key)
