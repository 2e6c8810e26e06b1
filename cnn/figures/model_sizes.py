"""Accuracy and size of models as an Altair chart, one row per model, so that names never overlap."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import altair as alt
import pandas as pd

from cnn.figures.palette import Palette

ROW = 48  # pixels: a line of text and the track below it
_ABOVE = -18  # pixels from the track to the middle of its text
_AREAS = (30, 400)  # square pixels of a dot, which must not overlap the text


def model_sizes_chart(models: Sequence[dict[str, Any]], palette: Palette) -> alt.LayerChart:
    """Validation accuracy as the position on a track, the number of parameters as the area of the dot.

    Accuracies are only comparable within a data set, so models are grouped by data set, the best first. A dot plot
    after Cleveland & McGill (1984), because in a scatter plot the names of networks of equal size overlap.

    Args:
        models: each {"name", "dataset", "parameters", "accuracy" (0..1), "guessing" (0..1), "own" (bool)}.
    """
    table = pd.DataFrame(_rows(models))
    height = ROW * len(table)
    y = alt.Y("row:Q", scale=alt.Scale(domain=[0, len(table)], reverse=True, nice=False), axis=None)
    x = alt.X(
        "percent:Q",
        title="validation accuracy, %",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], grid=False, domain=False, tickColor=palette.quiet),
    )
    rows = alt.Chart(table).encode(y=y)
    tracks = rows.transform_filter("!datum.heading")
    area = alt.Size("parameters:Q", scale=alt.Scale(type="linear", zero=True, range=list(_AREAS)), legend=None)
    colour = alt.condition("datum.own", alt.value(palette.text), alt.value(palette.quiet))
    tooltip = [
        alt.Tooltip("name:N"),
        alt.Tooltip("dataset:N", title="data set"),
        alt.Tooltip("parameters:Q", format=","),
        alt.Tooltip("percent:Q", format=".1f", title="validation accuracy, %"),
        alt.Tooltip("guessing:Q", format=".0f", title="guessing gives, %"),
    ]
    # Text sits at the edges above the track, where it fits both phones and wide screens.
    left, right = alt.value(0), alt.value({"expr": "width"})
    return (
        alt.layer(
            rows.transform_filter("datum.heading")
            .mark_text(align="left", fontWeight=600, color=palette.text)
            .encode(x=left, text="dataset:N"),
            tracks.mark_rule(color=palette.quiet, opacity=0.35).encode(x=left, x2=right),
            tracks.mark_tick(color=palette.text, thickness=2, height=8).encode(x=alt.X("guessing:Q")),
            tracks.mark_point(filled=True, opacity=1, shape="circle").encode(
                x=x, size=area, color=colour, tooltip=tooltip
            ),
            tracks.mark_text(align="left", dy=_ABOVE, limit={"expr": "max(80, width - 130)"}).encode(
                x=left, text="label:N", color=colour, tooltip=tooltip
            ),
            tracks.mark_text(align="right", dy=_ABOVE).encode(x=right, text="value:N", color=alt.value(palette.text)),
        )
        .properties(height=height)
        .configure_axis(labelFontSize=13, titleFontSize=13, titleFontWeight="normal")
        .configure_text(baseline="middle", fontSize=14)
        .configure_view(stroke=None)
    )


def _rows(models: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per model and per heading of a data set; "row" is the vertical centre, in rows from the top."""
    rows: list[dict[str, Any]] = []
    for dataset, group in groupby(sorted(models, key=lambda model: model["dataset"]), lambda model: model["dataset"]):
        rows.append({"heading": True, "dataset": dataset, "row": len(rows) + 0.5})
        for model in sorted(group, key=lambda model: -model["accuracy"]):
            rows.append(
                {
                    **model,
                    "heading": False,
                    "row": len(rows) + 0.7,
                    "percent": 100 * model["accuracy"],
                    "guessing": 100 * model["guessing"],
                    "label": model["name"] + (" · yours" if model["own"] else ""),
                    "value": f"{100 * model['accuracy']:.1f} % · {_short(model['parameters'])}",
                }
            )
    return rows


def _short(count: int) -> str:
    """A number of parameters in brief: 980, 123k, 4.2M."""
    if count < 1_000:
        return str(count)
    if count < 999_500:
        return f"{count / 1_000:.0f}k"
    return f"{count / 1_000_000:.1f}M"
