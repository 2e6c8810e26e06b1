"""How one activation was computed: its inputs, weights and products, where each input leads on to its own origin."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnn.analysis.activations.number_origin import NumberOrigin
from pages.components import browser_component

ROWS = 24
MOST_CHANNELS = 64
_HTML = """
<div class="origin">
  <div class="channels" role="group" aria-label="Channels, the one that counts most first"></div>
  <div class="grids"></div>
  <table class="rows"></table>
</div>
"""
_component = browser_component(Path(__file__).parent, _HTML, ("../text_colour", "number_origin"))


def number_origin_view(origin: NumberOrigin, channel_names: Sequence[str], *, key: str) -> tuple[int, ...] | None:
    """Show the computation of one activation.

    Args:
        channel_names: of the previous layer, as in "map 1"; used only for windows.

    Returns:
        The index into ``origin.values`` of the input chosen last here, or None.
    """
    fingerprint = f"{origin.layer} {origin.position}"
    values = origin.values
    is_window = values.ndim == 3 and values.shape[0] > 1
    data = {
        "fingerprint": fingerprint,
        "inside": [source is not None for source in origin.sources.ravel().tolist()],
        **(_window_data(origin, channel_names) if is_window else _table_data(origin)),
    }
    step = _component(data=data, key=key, on_step_change=lambda: None, default={"step": None}).step
    if not isinstance(step, dict) or step.get("fingerprint") != fingerprint:
        return None
    index = int(step["index"])
    return tuple(int(axis) for axis in np.unravel_index(index, values.shape)) if 0 <= index < values.size else None


def _window_data(origin: NumberOrigin, channel_names: Sequence[str]) -> dict[str, Any]:
    """All channels of a window, the one that counts most first: with its sum, or what pooling makes of it."""
    numbers = np.array([origin.result]) if origin.weights is None else origin.channel_sums
    order = np.argsort(-np.abs(numbers), kind="stable")[:MOST_CHANNELS]
    return {
        "size": origin.values.shape[0],
        "depth": origin.values.shape[2],
        "values": _rounded(origin.values),
        "weights": None if origin.weights is None else _rounded(origin.weights),
        "products": None if origin.weights is None else _rounded(origin.products),
        "channels": [{"index": int(c), "name": channel_names[c], "number": _round(numbers[c])} for c in order],
    }


def _table_data(origin: NumberOrigin) -> dict[str, Any]:
    """A row for each of the inputs with the largest products, and the sum of the remaining ones."""
    values, products = origin.values.ravel(), origin.products.ravel()
    weights = None if origin.weights is None else origin.weights.ravel()
    order = np.argsort(-np.abs(products), kind="stable")[:ROWS]
    rows = [
        {
            "index": int(i),
            "name": f"number {i + 1}" if len(values) > 2 else "the number before",
            "value": _round(values[i]),
            "weight": None if weights is None else _round(weights[i]),
            "product": _round(products[i]),
        }
        for i in order
    ]
    remaining = len(values) - len(order)
    rest = None if remaining <= 0 else [remaining, _round(products.sum() - products[order].sum())]
    return {"rows": rows, "rest": rest}


def _round(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.3g}")


def _rounded(values: np.ndarray) -> list[float | None]:
    return [_round(value) for value in values.ravel().tolist()]
