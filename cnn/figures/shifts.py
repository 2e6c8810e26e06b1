"""Accuracy when all images are moved, one line a network, as an Altair chart."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from cnn.figures.palette import Palette

HEIGHT = 320
_DASHES = ([2, 4], [7, 4], [1, 0])


def shift_chart(
    right: Mapping[str, Sequence[int]], shifts: Sequence[int], count: int, *, chance: float, palette: Palette
) -> alt.LayerChart:
    """Accuracy in per cent against the shift in pixels.

    Args:
        right: {network: right answers of ``count`` at each shift}; at most three.
        shifts: pixels to the right.
        chance: what guessing gives, 0..1: a dotted line.
    """
    x = alt.X("shift:Q", title="moved by so many pixels (left: negative)", axis=alt.Axis(format="d", grid=False))
    y = alt.Y("value:Q", title="right answers, %", scale=alt.Scale(domain=[0, 100], nice=False))
    guessing = pd.DataFrame({"shift": [shifts[0]], "value": [100 * chance], "label": ["guessing"]})
    layers: list[alt.Chart | alt.LayerChart] = [
        alt.Chart(guessing).mark_rule(strokeDash=[1, 3], color=palette.quiet).encode(y=y),
        alt.Chart(guessing)
        .mark_text(align="left", baseline="top", dx=2, dy=4, color=palette.quiet)
        .encode(x=x, y=y, text="label:N"),
    ]
    for (network, numbers), dash in zip(right.items(), _DASHES, strict=False):
        table = pd.DataFrame({"shift": shifts, "value": [100 * number / count for number in numbers]})
        base = alt.Chart(table.assign(network=network)).encode(
            x=x, y=y, tooltip=["network:N", "shift:Q", alt.Tooltip("value:Q", format=".1f", title="right, %")]
        )
        colour = palette.right if dash == [1, 0] else palette.text
        layers += [
            base.mark_line(strokeWidth=2.5, strokeDash=dash, color=colour),
            base.mark_point(filled=True, size=30, opacity=1, color=colour),
        ]
    return (
        alt.layer(*layers)
        .properties(height=HEIGHT)
        .configure_axis(labelFontSize=13, titleFontSize=13)
        .configure_view(stroke=None)
    )
