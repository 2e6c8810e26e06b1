"""A map of embedded images as an Altair chart: each image a dot or the letters of its class, and selectable."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from cnn.figures.palette import Palette

HEIGHT = 560
LETTERS = 3
READABLE = 500  # up to so many images are all labelled; of more, only some are
_MIN_DISTANCE = (0.075, 0.04)  # between two labels, as fractions of the map's width and height; phones need as much


class EmbeddingMap(NamedTuple):
    """Embedded images.

    Attributes:
        points: float (N, 2).
        positions: int (N,), of the images in their split.
        true_labels: int (N,), class indices.
        predicted: int (N,), class indices.
    """

    points: np.ndarray
    positions: np.ndarray
    true_labels: np.ndarray
    predicted: np.ndarray


def embedding_map_chart(
    embedding: EmbeddingMap,
    class_names: Sequence[str],
    palette: Palette,
    highlight: int | None = None,
    *,
    height: int = HEIGHT,
    pick: bool = True,
) -> alt.Chart:
    """Each image as the first letters of its class; mistakes are marked by a cross and a colour of their own.

    Of more than ``READABLE`` images all are dots, mistakes crosses, and only some are labelled. A click picks one image
    ("picked", by its ``position``), a rectangle drawn with the pointer a group ("group", x and y).

    Args:
        highlight: index of a class to emphasise, or None.
        pick: whether images can be picked.
    """
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    chart = (
        alt.Chart(_table(embedding, class_names, highlight))
        .mark_text()
        .encode(
            x=alt.X("x:Q", axis=axis, scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=False)),
            text="label:N",
            color=alt.condition("datum.wrong", alt.value(palette.wrong), alt.value(palette.text)),
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
            size=alt.Size("size:Q", scale=None, legend=None),
            tooltip=["is:N", "named:N", "position:Q"],
        )
        .configure_view(stroke=None)
    )
    if pick:
        picked = alt.selection_point(name="picked", fields=["position"], toggle=False, nearest=True)
        # A draggable rectangle would swallow every click inside it; in this one, a press starts a new rectangle.
        group = alt.selection_interval(name="group", translate=False, zoom=False)
        chart = chart.add_params(picked, group)
    # On a canvas, because in SVG the rectangle has no name for screen readers; the page names the whole chart.
    return chart.properties(height=height, usermeta={"embedOptions": {"renderer": "canvas"}})


def _table(embedding: EmbeddingMap, class_names: Sequence[str], highlight: int | None) -> pd.DataFrame:
    """One row per image, those with a label last, so that they are drawn over the dots."""
    points, positions, true_labels, predicted = embedding
    count = len(true_labels)
    wrong = true_labels != predicted
    emphasised = np.ones(count, bool) if highlight is None else true_labels == highlight
    labelled = np.ones(count, bool) if count <= READABLE else _without_overlap(points, emphasised)
    letters = np.array([name[:LETTERS] for name in class_names])[true_labels].astype(object)
    table = pd.DataFrame(
        {
            "x": points[:, 0],
            "y": points[:, 1],
            "position": positions,
            "label": np.where(labelled, np.where(wrong, "✗", "") + letters, np.where(wrong, "✗", "●")),
            "is": np.array(class_names)[true_labels],
            "named": np.array(class_names)[predicted],
            "wrong": wrong,
            "opacity": np.where(emphasised, np.where(labelled, 1.0, np.where(wrong, 0.8, 0.35)), 0.12),
            "size": np.where(labelled, 12 if count > READABLE else 10, np.where(wrong, 11, 7)),
        }
    )
    return table.iloc[np.argsort(labelled, kind="stable")]


def _without_overlap(points: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Which of the ``candidates``, bool (N,), can be labelled without overlap, chosen greedily in order: bool (N,)."""
    unit = (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1e-9)
    chosen: list[int] = []
    for index in np.flatnonzero(candidates).tolist():
        if not (np.abs(unit[chosen] - unit[index]) < _MIN_DISTANCE).all(axis=1).any():
            chosen.append(index)
    labelled = np.zeros(len(points), bool)
    labelled[chosen] = True
    return labelled
