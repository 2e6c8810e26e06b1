"""A map of images, each written as its class, as an Altair chart from which images can be picked."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from cnn.figures.palette import Palette

HEIGHT = 560
LETTERS = 3


def map_chart(
    places: np.ndarray,
    positions: np.ndarray,
    truth: np.ndarray,
    said: np.ndarray,
    class_names: Sequence[str],
    palette: Palette,
    highlight: int | None = None,
) -> alt.Chart:
    """Each image as the first letters of its class; a mistake has a cross before them and a colour of its own.

    A click picks one ("picked", by its ``position``), a rectangle drawn with the pointer a group ("group", x and y).

    Args:
        places: float (N, 2).
        positions: int (N,), of the images in their split.
        truth: int (N,), their classes.
        said: int (N,), what the network named.
        highlight: a class to show before all others, or None.
    """
    wrong = truth != said
    names = np.array([name[:LETTERS] for name in class_names])
    table = pd.DataFrame(
        {
            "x": places[:, 0],
            "y": places[:, 1],
            "position": positions,
            "label": np.where(wrong, "✗", "") + names[truth].astype(object),
            "is": np.array(class_names)[truth],
            "named": np.array(class_names)[said],
            "wrong": wrong,
            "shown": [1.0 if highlight is None or number == highlight else 0.12 for number in truth],
        }
    )
    picked = alt.selection_point(name="picked", fields=["position"], toggle=False, nearest=True)
    group = alt.selection_interval(name="group")
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    return (
        alt.Chart(table)
        .mark_text(fontSize=10)
        .encode(
            x=alt.X("x:Q", axis=axis, scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=False)),
            text="label:N",
            color=alt.condition("datum.wrong", alt.value(palette.wrong), alt.value(palette.text)),
            opacity=alt.Opacity("shown:Q", scale=None, legend=None),
            tooltip=["is:N", "named:N", "position:Q"],
        )
        .add_params(picked, group)
        # As SVG the rectangle is an element that Vega gives no name for screen readers; the page names the whole chart.
        .properties(height=HEIGHT, usermeta={"embedOptions": {"renderer": "canvas"}})
        .configure_view(stroke=None)
    )
