"""A confusion matrix whose cells can be chosen."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pages.components import browser_component

_component = browser_component(Path(__file__).parent, '<div class="matrix"><table></table></div>')


def confusion_matrix(
    table: np.ndarray, class_names: Sequence[str], chosen: tuple[int, int], *, key: str
) -> tuple[int, int] | None:
    """Show the matrix.

    Args:
        table: int (classes, classes) counts; rows are true classes, columns predicted ones.
        chosen: (row, column) of the open cell.

    Returns:
        (row, column) of the last cell that was clicked, or None.
    """
    data = {"table": table.tolist(), "names": list(class_names), "chosen": list(chosen)}
    cell = _component(data=data, key=key, on_cell_change=lambda: None, default={"cell": None}).cell
    if not isinstance(cell, dict):
        return None
    row, column = int(cell["row"]), int(cell["column"])
    return (row, column) if 0 <= row < len(table) and 0 <= column < len(table) else None
