"""A confusion matrix whose cells can be chosen."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components import browser_component, component_key

_component = browser_component(
    Path(__file__).parent, '<div class="matrix"><table></table></div>', ("../text_colour", "confusion_matrix")
)


def confusion_matrix(
    table: np.ndarray,
    class_names: Sequence[str],
    chosen: tuple[int, int],
    *,
    key: str,
    on_choose: Callable[[int, int], None],
) -> None:
    """Show the matrix.

    Args:
        table: int (classes, classes) counts; rows are true classes, columns predicted ones.
        chosen: (row, column) of the open cell.
        on_choose: called with row and column of a cell that was clicked, before the page reruns.
    """

    def choose() -> None:
        cell = (st.session_state.get(component_key(key)) or {}).get("cell")
        if isinstance(cell, dict):
            row, column = int(cell["row"]), int(cell["column"])
            if 0 <= row < len(table) and 0 <= column < len(table):
                on_choose(row, column)

    data = {"table": table.tolist(), "names": list(class_names), "chosen": list(chosen)}
    _component(data=data, key=key, on_cell_change=choose, default={"cell": None})
