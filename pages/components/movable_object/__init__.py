"""An object that is dragged across a picture, while networks that have seen every place already give their answers."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.shifts import ObjectPositions
from cnn.figures.mosaic import png

_HTML = """
<div class="drag">
  <div class="picture">
    <canvas tabindex="0" role="slider" aria-label="Place of the object" aria-valuemin="0" aria-orientation="horizontal">
    </canvas>
    <p class="hint">Drag it, or use the arrow keys.</p>
  </div>
  <div class="answers">
    <div class="rows"></div>
    <svg viewBox="0 0 480 190" role="img"></svg>
  </div>
</div>
"""
_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_drag",
    html=_HTML,
    css=(_here / "movable_object.css").read_text(),
    js=(_here / "movable_object.js").read_text(),
)


class Answers(NamedTuple):
    """A network's name, and what it makes of the object at every place: float32 (P, classes)."""

    network: str
    probabilities: np.ndarray


def movable_object(
    objects: ObjectPositions, networks: Sequence[Answers], class_names: Sequence[str], *, key: str
) -> None:
    """Show the object in the middle of where the networks practised; nothing comes back from the browser."""
    strip = np.concatenate(list(objects.images))
    data = {
        "of": f"{objects.label} {hash(strip.tobytes())}",
        "side": objects.images.shape[1],
        "strip": "data:image/png;base64," + base64.b64encode(png(strip)).decode(),
        "centres": objects.centres.tolist(),
        "truth": objects.label,
        "classes": list(class_names),
        "networks": [
            {"name": each.network, "probabilities": np.round(each.probabilities, 4).tolist()} for each in networks
        ],
    }
    _component(data=data, key=key)
