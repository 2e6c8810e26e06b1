"""The reliability diagram, accuracy against confidence, as an Altair chart."""

import altair as alt
import numpy as np
import pandas as pd

from cnn.figures.palette import Palette

HEIGHT = 300


def reliability_chart(
    confidence: np.ndarray, accuracy: np.ndarray, counts: np.ndarray, palette: Palette
) -> alt.LayerChart:
    """One point per bin of confidence; on the diagonal, accuracy equals confidence.

    Args:
        confidence: float (bins,), mean probability, 0..1; NaN in empty bins.
        accuracy: float (bins,), fraction of correct predictions, 0..1.
        counts: int (bins,), predictions, shown as the size of the point.
    """
    table = pd.DataFrame({"confidence": 100 * confidence, "accuracy": 100 * accuracy, "answers": counts}).dropna()
    scale = alt.Scale(domain=[0, 100], nice=False)
    x = alt.X("confidence:Q", title="how sure it was, %", scale=scale)
    y = alt.Y("accuracy:Q", title="how often it was right, %", scale=scale)
    diagonal = pd.DataFrame({"confidence": [0, 100], "accuracy": [0, 100]})
    return (
        alt.layer(
            alt.Chart(diagonal).mark_line(strokeDash=[2, 4], color=palette.quiet).encode(x=x, y=y),
            alt.Chart(table)
            .mark_point(filled=True, color=palette.text, opacity=1)
            .encode(
                x=x,
                y=y,
                size=alt.Size("answers:Q", legend=None, scale=alt.Scale(range=[30, 600])),
                tooltip=[
                    alt.Tooltip("confidence:Q", format=".0f", title="sure, %"),
                    alt.Tooltip("accuracy:Q", format=".0f", title="right, %"),
                    "answers:Q",
                ],
            ),
        )
        .properties(height=HEIGHT)
        .configure_axis(labelFontSize=13, titleFontSize=13)
        .configure_view(stroke=None)
    )
