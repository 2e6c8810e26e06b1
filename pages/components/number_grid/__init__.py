"""A feature map in which every number can be read, and chosen with a click or Enter."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st

from cnn.figures.mosaic import enlarge_to, png

_HTML = """
<div class="picture" tabindex="0" role="application">
  <img alt=""><i class="mark" aria-hidden="true"></i><i class="frame" aria-hidden="true"></i>
</div>
<p class="line" aria-live="polite"></p>
"""
_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_cells",
    html=_HTML,
    css=(_here / "number_grid.css").read_text(),
    js=(_here / "number_grid.js").read_text(),
)


def number_grid(
    label: str, picture: np.ndarray, values: np.ndarray, chosen: tuple[int, int], *, key: str
) -> tuple[int, int] | None:
    """Show a map.

    Args:
        label: what it is called for a screen reader.
        picture: uint8 (h, w, 3).
        values: float (h, w).
        chosen: (row, column) that is marked.

    Returns:
        (row, column) that was chosen last in this very map, or None.
    """
    source = "data:image/png;base64," + base64.b64encode(png(enlarge_to(picture, 384))).decode()
    of = f"{label} {float(values.sum()):.6g}"
    data = {
        "of": of,
        "label": label,
        "source": source,
        "chosen": list(chosen),
        "values": [[float(f"{value:.5g}") for value in row] for row in values],
    }
    said = _component(data=data, key=key, on_cell_change=lambda: None, default={"cell": None}).cell
    if not isinstance(said, dict) or said.get("of") != of:
        return None
    row, column = int(said["row"]), int(said["column"])
    return (row, column) if 0 <= row < values.shape[0] and 0 <= column < values.shape[1] else None
