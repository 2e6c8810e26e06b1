"""A feature map whose values can be read one by one, and chosen with a click or Enter."""

from pathlib import Path

import numpy as np

from pages.components import browser_component
from pages.components.data_uri import image_data_uri

_HTML = """
<div class="picture" tabindex="0" role="application">
  <img alt=""><i class="mark" aria-hidden="true"></i><i class="frame" aria-hidden="true"></i>
</div>
<p class="line" aria-live="polite"></p>
"""
_component = browser_component(Path(__file__).parent, _HTML)


def number_grid(
    label: str, picture: np.ndarray, values: np.ndarray, chosen: tuple[int, int], *, key: str
) -> tuple[int, int] | None:
    """Show a feature map.

    Args:
        label: its name for screen readers.
        picture: uint8 (h, w, 3).
        values: float (h, w).
        chosen: (row, column) of the marked value.

    Returns:
        (row, column) chosen last in this same map, or None.
    """
    fingerprint = f"{label} {float(values.sum()):.6g}"
    data = {
        "fingerprint": fingerprint,
        "label": label,
        "source": image_data_uri(picture, 384),
        "chosen": list(chosen),
        "values": [[float(f"{value:.5g}") for value in row] for row in values],
    }
    cell = _component(data=data, key=key, on_cell_change=lambda: None, default={"cell": None}).cell
    if not isinstance(cell, dict) or cell.get("fingerprint") != fingerprint:
        return None
    row, column = int(cell["row"]), int(cell["column"])
    return (row, column) if 0 <= row < values.shape[0] and 0 <= column < values.shape[1] else None
