"""Accuracy against size: every model as a point."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cnn.figures.palette import Palette

Chart = alt.LayerChart | alt.FacetChart


def sizes_chart(models: Sequence[dict[str, Any]], palette: Palette) -> Chart:
    """Test accuracy over the number of parameters.

    Args:
        models: each {"name", "dataset", "parameters", "accuracy" (0..1), "own" (bool)}.
    """
    table = pd.DataFrame([{**model, "percent": 100 * model["accuracy"]} for model in models])
    low = max(0.0, table["percent"].min() - 10)
    base = alt.Chart(table).encode(
        x=alt.X("parameters:Q", title="parameters", scale=alt.Scale(type="log", nice=True), axis=alt.Axis(format="~s")),
        y=alt.Y("percent:Q", title="test accuracy, %", scale=alt.Scale(domain=[low, 100])),
        tooltip=[
            "name:N",
            "dataset:N",
            alt.Tooltip("parameters:Q", format=","),
            alt.Tooltip("percent:Q", format=".1f"),
        ],
    )
    shape = alt.Shape("dataset:N", title=None, legend=alt.Legend(orient="bottom", columns=2))
    colour = alt.condition("datum.own", alt.value(palette.validation), alt.value(palette.train))
    return alt.layer(
        base.mark_point(filled=True, size=140, opacity=1).encode(shape=shape, color=colour),
        base.mark_text(align="left", dx=9, color=palette.text).encode(text="name:N"),
    ).properties(height=300)
