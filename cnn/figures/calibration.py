"""Reliability: how often it is right when it is so sure, as an Altair chart."""

import altair as alt
import numpy as np
import pandas as pd

from cnn.figures.palette import Palette

HEIGHT = 300


def reliability_chart(sure: np.ndarray, right: np.ndarray, count: np.ndarray, palette: Palette) -> alt.LayerChart:
    """A point for every tenth of 0..100 %; on the line, it is right as often as it says.

    Args:
        sure: float (bins,), mean probability, 0..1; NaN where there is nothing.
        right: float (bins,), share of right answers, 0..1.
        count: int (bins,), answers; a larger point has more.
    """
    table = pd.DataFrame({"sure": 100 * sure, "right": 100 * right, "answers": count}).dropna()
    scale = alt.Scale(domain=[0, 100], nice=False)
    x = alt.X("sure:Q", title="how sure it was, %", scale=scale)
    y = alt.Y("right:Q", title="how often it was right, %", scale=scale)
    line = pd.DataFrame({"sure": [0, 100], "right": [0, 100]})
    return (
        alt.layer(
            alt.Chart(line).mark_line(strokeDash=[2, 4], color=palette.quiet).encode(x=x, y=y),
            alt.Chart(table)
            .mark_point(filled=True, color=palette.text, opacity=1)
            .encode(
                x=x,
                y=y,
                size=alt.Size("answers:Q", legend=None, scale=alt.Scale(range=[30, 600])),
                tooltip=[
                    alt.Tooltip("sure:Q", format=".0f", title="sure, %"),
                    alt.Tooltip("right:Q", format=".0f", title="right, %"),
                    "answers:Q",
                ],
            ),
        )
        .properties(height=HEIGHT)
        .configure_axis(labelFontSize=13, titleFontSize=13)
        .configure_view(stroke=None)
    )
