"""Learning curves: accuracy and loss over the epochs of a run, train and validation, as Altair charts."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cnn.figures.palette import Palette

Epoch = dict[str, Any]
Chart = alt.LayerChart | alt.FacetChart
HEIGHT = 280
MAX_BATCH_POINTS = 300


def accuracy_chart(
    epochs: Sequence[Epoch],
    *,
    total_epochs: int,
    chance: float,
    palette: Palette,
    test: float | None = None,
    earlier: Mapping[str, Sequence[float]] | None = None,
    before: float | None = None,
    border: int | None = None,
) -> Chart:
    """Accuracy in per cent over the epochs.

    Args:
        epochs: "epoch" events with ``epoch``, ``accuracy``, ``val_accuracy`` in 0..1.
        total_epochs: fixes the axis, so that nothing jumps while the run grows.
        chance: what guessing gives, 0..1: a dotted line.
        test: accuracy on the test split, 0..1, or None before it is known: one diamond.
        earlier: {name: validation accuracy of each epoch, 0..1} of runs to lay below this one.
        before: validation accuracy before any training, 0..1: where its curve begins.
        border: the last epoch of the first of two phases: a line between them.
    """
    x = _epoch_axis(total_epochs)
    y = alt.Y("value:Q", title="right answers, %", scale=alt.Scale(domain=[0, 100], nice=False))
    guessing = pd.DataFrame({"epoch": [total_epochs], "value": [100 * chance], "label": ["guessing"]})
    layers: list[alt.Chart | alt.LayerChart] = [
        alt.Chart(guessing).mark_rule(strokeDash=[2, 4], color=palette.quiet).encode(y=y),
        alt.Chart(guessing)
        # At the right end and below: curves begin at the left, and near it.
        .mark_text(align="right", baseline="top", dx=-2, dy=3, color=palette.quiet)
        .encode(x=x, y=y, text="label:N"),
    ]
    for name, values in (earlier or {}).items():
        table = pd.DataFrame({"epoch": range(1, len(values) + 1), "value": [100 * value for value in values]})
        layers.append(
            alt.Chart(table.assign(run=name))
            # It may have more epochs than this one, or none: Vega leaves an empty line unnamed.
            .mark_line(strokeWidth=1.5, opacity=0.55, color=palette.quiet, clip=True, aria=bool(values))
            .encode(x=x, y=y, tooltip=["run:N", "epoch:Q", alt.Tooltip("value:Q", format=".1f", title="held out, %")])
        )
    train = [(epoch["epoch"], 100 * epoch["accuracy"]) for epoch in epochs if epoch["accuracy"] is not None]
    held_out = [(epoch["epoch"], 100 * epoch["val_accuracy"]) for epoch in epochs if epoch["val_accuracy"] is not None]
    if before is not None:
        held_out = [(0, 100 * before), *held_out]
    layers += _border(border, 8.0, x, y, palette)
    layers += _line(train, "practised", x, y, palette.train, dashed=False, above=_last(train) >= _last(held_out))
    layers += _line(held_out, "held out", x, y, palette.validation, dashed=True, above=_last(train) < _last(held_out))
    if test is not None:
        table = pd.DataFrame({"epoch": [total_epochs], "value": [100 * test], "label": [f"test {100 * test:.1f} %"]})
        layers.append(
            alt.Chart(table)
            .mark_point(shape="diamond", filled=True, size=110, color=palette.text, opacity=1)
            .encode(x=x, y=y, tooltip="label:N")
        )
    return _finish(alt.layer(*layers))


def loss_chart(
    batches: Sequence[Epoch],
    epochs: Sequence[Epoch],
    *,
    total_epochs: int,
    palette: Palette,
    border: int | None = None,
) -> Chart:
    """The loss over the epochs: every few batches as a fine line, then train and validation epoch by epoch.

    Args:
        batches: "batch" events with ``epoch`` (a fraction) and ``loss``.
        epochs: "epoch" events with ``loss`` and ``val_loss``.
        border: the last epoch of the first of two phases: a line between them.
    """
    fine = [(batch["epoch"], batch["loss"]) for batch in batches if batch["loss"] is not None]
    fine = fine[:: max(1, -(-len(fine) // MAX_BATCH_POINTS))]
    train = [(epoch["epoch"], epoch["loss"]) for epoch in epochs if epoch["loss"] is not None]
    held_out = [(epoch["epoch"], epoch["val_loss"]) for epoch in epochs if epoch["val_loss"] is not None]
    top = max([value for _, value in fine[:40] + train + held_out] or [1.0])
    x = _epoch_axis(total_epochs)
    y = alt.Y("value:Q", title="how wrong (loss)", scale=alt.Scale(domain=[0, top], nice=True, clamp=True))
    layers: list[alt.Chart | alt.LayerChart] = [
        alt.Chart(pd.DataFrame(fine, columns=["epoch", "value"]))
        .mark_line(
            strokeWidth=1, opacity=0.45, color=palette.train, aria=bool(fine)
        )  # Vega leaves an empty one unnamed
        .encode(x=x, y=y)
    ]
    layers += _border(border, 0.9 * top, x, y, palette)
    layers += _line(train, "practised", x, y, palette.train, dashed=False, above=_last(train) >= _last(held_out))
    layers += _line(held_out, "held out", x, y, palette.validation, dashed=True, above=_last(train) < _last(held_out))
    return _finish(alt.layer(*layers))


def _epoch_axis(total: int) -> alt.X:
    ticks = list(range(0, total + 1, max(1, -(-total // 10))))
    return alt.X(
        "epoch:Q",
        title="passes over all training images (epochs)",
        scale=alt.Scale(domain=[0, total], nice=False),
        axis=alt.Axis(values=ticks, format="d", grid=False),
    )


def _line(
    points: Sequence[tuple[float, float]], label: str, x: alt.X, y: alt.Y, colour: str, *, dashed: bool, above: bool
) -> list[alt.Chart | alt.LayerChart]:
    if not points:
        return []
    table = pd.DataFrame(points, columns=["epoch", "value"]).assign(label=label)
    base = alt.Chart(table).encode(x=x, y=y, tooltip=["label:N", "epoch:Q", alt.Tooltip("value:Q", format=".3~g")])
    dash = [6, 4] if dashed else [1, 0]
    end = alt.Chart(table.tail(1)).mark_text(
        align="right", baseline="bottom" if above else "top", dx=-4, dy=-6 if above else 6, color=colour, fontWeight=600
    )
    return [
        base.mark_line(strokeWidth=2.5, strokeDash=dash, color=colour),
        base.mark_point(filled=True, size=36, color=colour, opacity=1),
        end.encode(x=x, y=y, text="label:N"),
    ]


def _border(epoch: int | None, height: float, x: alt.X, y: alt.Y, palette: Palette) -> list[alt.Chart | alt.LayerChart]:
    """The line between the head alone and fine-tuning, named at ``height`` on the axis."""
    if epoch is None:
        return []
    base = alt.Chart(pd.DataFrame({"epoch": [epoch], "value": [height], "label": ["fine-tuning →"]})).encode(x=x)
    return [
        base.mark_rule(strokeWidth=1.5, strokeDash=[2, 2], color=palette.quiet),
        base.mark_text(align="right", dx=-5, color=palette.quiet).encode(y=y, text="label:N"),
    ]


def _last(points: Sequence[tuple[float, float]]) -> float:
    return points[-1][1] if points else 0.0


def _finish(chart: Chart) -> Chart:
    return (
        chart.properties(height=HEIGHT).configure_axis(labelFontSize=13, titleFontSize=13).configure_view(stroke=None)
    )
