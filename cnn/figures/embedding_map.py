"""A map of images, each a dot or written as its class, as an Altair chart from which images can be picked."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from cnn.figures.palette import Palette

HEIGHT = 560
LETTERS = 3
READABLE = 500  # images that can all be written out; of more, only some are
_APART = (0.075, 0.04)  # of the map's width and height, between two that are written; letters on a phone need as much


def embedding_map_chart(
    places: np.ndarray,
    positions: np.ndarray,
    truth: np.ndarray,
    said: np.ndarray,
    class_names: Sequence[str],
    palette: Palette,
    highlight: int | None = None,
    *,
    height: int = HEIGHT,
    pick: bool = True,
) -> alt.Chart:
    """Each image as the first letters of its class; a mistake has a cross before them and a colour of its own.

    Of more than ``READABLE`` images all are dots, a mistake a cross, and only some are written out. A click picks one
    ("picked", by its ``position``), a rectangle drawn with the pointer a group ("group", x and y).

    Args:
        places: float (N, 2).
        positions: int (N,), of the images in their split.
        truth: int (N,), their classes.
        said: int (N,), what the network named.
        highlight: a class to show before all others, or None.
        pick: whether images can be picked.
    """
    wrong = truth != said
    shown = np.ones(len(truth), bool) if highlight is None else truth == highlight
    written = np.ones(len(truth), bool) if len(truth) <= READABLE else _spread(places, shown)
    letters = np.where(wrong, "✗", "") + np.array([name[:LETTERS] for name in class_names])[truth].astype(object)
    table = pd.DataFrame(
        {
            "x": places[:, 0],
            "y": places[:, 1],
            "position": positions,
            "label": np.where(written, letters, np.where(wrong, "✗", "●")),
            "is": np.array(class_names)[truth],
            "named": np.array(class_names)[said],
            "wrong": wrong,
            "shown": np.where(shown, np.where(written, 1.0, np.where(wrong, 0.8, 0.35)), 0.12),
            "size": np.where(written, 12 if len(truth) > READABLE else 10, np.where(wrong, 11, 7)),
        }
    ).iloc[np.argsort(written, kind="stable")]  # what is written lies over the dots
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    chart = (
        alt.Chart(table)
        .mark_text()
        .encode(
            x=alt.X("x:Q", axis=axis, scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=False)),
            text="label:N",
            color=alt.condition("datum.wrong", alt.value(palette.wrong), alt.value(palette.text)),
            opacity=alt.Opacity("shown:Q", scale=None, legend=None),
            size=alt.Size("size:Q", scale=None, legend=None),
            tooltip=["is:N", "named:N", "position:Q"],
        )
        .configure_view(stroke=None)
    )
    if pick:
        picked = alt.selection_point(name="picked", fields=["position"], toggle=False, nearest=True)
        # One that can be dragged keeps every click inside it; of this one, a press inside begins another.
        group = alt.selection_interval(name="group", translate=False, zoom=False)
        chart = chart.add_params(picked, group)
    # As SVG the rectangle is an element that Vega gives no name for screen readers; the page names the whole chart.
    return chart.properties(height=height, usermeta={"embedOptions": {"renderer": "canvas"}})


def _spread(places: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Which of the ``candidates``, bool (N,), can be written without lying over each other: the first at each place."""
    unit = (places - places.min(axis=0)) / np.maximum(np.ptp(places, axis=0), 1e-9)
    chosen: list[int] = []
    for number in np.flatnonzero(candidates).tolist():
        if not (np.abs(unit[chosen] - unit[number]) < _APART).all(axis=1).any():
            chosen.append(number)
    written = np.zeros(len(places), bool)
    written[chosen] = True
    return written
