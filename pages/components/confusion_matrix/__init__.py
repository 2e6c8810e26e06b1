"""A confusion matrix whose cells open what is in them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_matrix",
    html='<div class="matrix"><table></table></div>',
    css=(_here / "confusion_matrix.css").read_text(),
    js=(_here / "confusion_matrix.js").read_text(),
)


def confusion_matrix(
    table: np.ndarray, class_names: Sequence[str], chosen: tuple[int, int], *, key: str
) -> tuple[int, int] | None:
    """Show it.

    Args:
        table: int (classes, classes): row, the true class; column, what was said.
        chosen: (row, column) of the open cell.

    Returns:
        The cell that was chosen last, or None.
    """
    data = {"table": table.tolist(), "names": list(class_names), "chosen": list(chosen)}
    said = _component(data=data, key=key, on_cell_change=lambda: None, default={"cell": None}).cell
    if not isinstance(said, dict):
        return None
    row, column = int(said["row"]), int(said["column"])
    return (row, column) if 0 <= row < len(table) and 0 <= column < len(table) else None
