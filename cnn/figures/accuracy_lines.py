"""Accuracy against position, shift or strength of a disturbance, one line per network, as an Altair chart."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from cnn.figures.palette import Palette

HEIGHT = 320
_DASHES = ([2, 4], [7, 4], [1, 0])


def accuracy_lines_chart(
    correct: Mapping[str, Sequence[int]],
    x_values: Sequence[float],
    count: int,
    *,
    title: str,
    chance: float,
    palette: Palette,
) -> alt.LayerChart:
    """Accuracy in per cent against a position, a shift or a strength.

    Args:
        correct: {network: correct predictions, of ``count``, at each x value}; at most three networks.
        x_values: ascending.
        title: of the horizontal axis.
        chance: accuracy of guessing, 0..1, drawn as a dotted line.
    """
    x = alt.X(
        "x:Q",
        title=title,
        scale=alt.Scale(domain=[min(0, x_values[0]), x_values[-1]], nice=False),
        axis=alt.Axis(labelExpr="format(datum.value, '~g')", grid=False),
    )
    y = alt.Y("value:Q", title="right answers, %", scale=alt.Scale(domain=[0, 100], nice=False))
    guessing = pd.DataFrame({"value": [100 * chance], "label": ["guessing"]})
    layers: list[alt.Chart | alt.LayerChart] = [
        alt.Chart(guessing).mark_rule(strokeDash=[1, 3], color=palette.quiet).encode(y=y),
        alt.Chart(guessing)
        .mark_text(align="left", baseline="bottom", dx=2, dy=-2, color=palette.quiet)
        .encode(x=alt.value(0), y=y, text="label:N"),
    ]
    for (network, counts), dash in zip(correct.items(), _DASHES[-len(correct) :], strict=True):
        table = pd.DataFrame({"x": x_values, "value": [100 * number / count for number in counts]})
        base = alt.Chart(table.assign(network=network)).encode(
            x=x,
            y=y,
            tooltip=[
                "network:N",
                alt.Tooltip("x:Q", title=title),
                alt.Tooltip("value:Q", format=".1f", title="right, %"),
            ],
        )
        colour = palette.correct if dash == [1, 0] else palette.text
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
