"""The histogram of one channel of an image, as an Altair chart."""

import altair as alt
import numpy as np
import pandas as pd

from cnn.figures.palette import Palette

_COLOURS = {"red": "#C62828", "green": "#2E7D32", "blue": "#2457C5"}
HEIGHT = 140


def histogram_chart(counts: np.ndarray, channel: str, palette: Palette) -> alt.Chart:
    """One bar per bin of pixel values.

    Args:
        counts: int (bins,), pixels in each of equal bins of 0-255.
        channel: its name, such as "red".
    """
    width = 256 / len(counts)
    table = pd.DataFrame({"from": width * np.arange(len(counts)), "pixels": counts})
    table["to"] = table["from"] + width
    return (
        alt.Chart(table, height=HEIGHT)
        .mark_bar(color=_COLOURS.get(channel, palette.quiet))
        .encode(
            x=alt.X("from:Q", bin="binned", title=None, scale=alt.Scale(domain=[0, 256], nice=False)),
            x2="to:Q",
            y=alt.Y("pixels:Q", title=channel, axis=alt.Axis(tickCount=3)),
            tooltip=[alt.Tooltip("from:Q", format=".0f", title="value, from"), "pixels:Q"],
        )
    )
