"""How one number of a network came about: what it was made of, where every part leads on to its own origin."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.activations.number_origin import NumberOrigin

ROWS = 24
MOST_CHANNELS = 64
_HTML = """
<div class="origin">
  <div class="channels" role="group" aria-label="Channels, the one that counts most first"></div>
  <div class="grids"></div>
  <table class="rows"></table>
</div>
"""
_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_origin",
    html=_HTML,
    css=(_here / "number_origin.css").read_text(),
    js=(_here / "number_origin.js").read_text(),
)


def number_origin_view(found: NumberOrigin, channel_names: Sequence[str], *, key: str) -> tuple[int, ...] | None:
    """Show it.

    Args:
        channel_names: what the channels of the layer before are called, as in "map 1"; only of a window.

    Returns:
        The index into ``found.values`` of the number that was chosen last here, or None.
    """
    of = f"{found.layer} {found.position}"
    data: dict[str, Any] = {"of": of, "inside": [at is not None for at in found.sources.ravel().tolist()]}
    values, products = found.values, found.products
    if values.ndim == 3 and values.shape[0] > 1:
        order = np.argsort(-np.abs(found.channel_sums), kind="stable")[:MOST_CHANNELS]
        data |= {
            "size": values.shape[0],
            "depth": values.shape[2],
            "values": _numbers(values),
            "weights": None if found.weights is None else _numbers(found.weights),
            "products": None if found.weights is None else _numbers(products),
            "channels": [
                {"index": int(c), "name": channel_names[c], "sum": _short(found.channel_sums[c])} for c in order
            ],
        }
    else:
        flat, weights = values.ravel(), None if found.weights is None else found.weights.ravel()
        order = np.argsort(-np.abs(products.ravel()), kind="stable")[:ROWS]
        data["rows"] = [
            {
                "index": int(k),
                "name": f"number {k + 1}" if len(flat) > 2 else "the number before",
                "value": _short(flat[k]),
                "weight": None if weights is None else _short(weights[k]),
                "product": _short(products.ravel()[k]),
            }
            for k in order
        ]
        rest = len(flat) - len(order)
        data["rest"] = None if rest <= 0 else [rest, _short(products.sum() - products.ravel()[order].sum())]
    said = _component(data=data, key=key, on_step_change=lambda: None, default={"step": None}).step
    if not isinstance(said, dict) or said.get("of") != of:
        return None
    index = int(said["index"])
    return tuple(int(each) for each in np.unravel_index(index, values.shape)) if 0 <= index < values.size else None


def _short(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.3g}")


def _numbers(values: np.ndarray) -> list[float | None]:
    return [_short(value) for value in values.ravel().tolist()]
