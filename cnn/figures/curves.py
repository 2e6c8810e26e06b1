"""Learning curves: accuracy and loss over the epochs of a run, train and validation, as Vega-Lite charts.

Written out, not with Altair: a run that is watched is drawn anew every second for everyone who watches it, and Altair,
which checks each part again, takes a tenth of a second for two charts. Numbers that grow are named data sets beside a
specification that stays as it is, so that a browser need not draw the axes anew for them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cnn.figures.palette import Palette

Epoch = dict[str, Any]
Spec = dict[str, Any]
"""A Vega-Lite specification for ``st.vega_lite_chart``: JSON, but for "datasets", {name: data frame}."""

Points = Sequence[tuple[float, float]]
HEIGHT = 280
MAX_BATCH_POINTS = 300
_EPOCH = {"field": "epoch", "type": "quantitative"}
_LABEL = {"field": "label", "type": "nominal"}
_EARLIER = [
    {"field": "run", "type": "nominal"},
    _EPOCH,
    {"field": "value", "type": "quantitative", "format": ".1f", "title": "held out, %"},
]
_TOOLTIP = [_LABEL, _EPOCH, {"field": "value", "type": "quantitative", "format": ".3~g"}]
_THE_LAST = [
    {"joinaggregate": [{"op": "max", "field": "epoch", "as": "last"}]},
    {"filter": "datum.epoch === datum.last"},
]


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
) -> Spec:
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
    x, y = _epoch_axis(total_epochs), _field("value", "right answers, %", domain=[0, 100], nice=False)
    # Its name at the right end and below: curves begin at the left, and near it.
    guessing = [{"epoch": total_epochs, "value": 100 * chance, "label": "guessing"}]
    name = _mark("text", align="right", baseline="top", dx=-2, dy=3, color=palette.quiet)
    layers = [
        _layer(guessing, _mark("rule", strokeDash=[2, 4], color=palette.quiet), y=y),
        _layer(guessing, name, x=x, y=y, text=_LABEL),
    ]
    datasets: dict[str, pd.DataFrame] = {}
    for run, values in (earlier or {}).items():
        points = [(epoch, 100 * value) for epoch, value in enumerate(values, 1)]
        datasets[f"earlier {len(datasets)}"] = _table(points).assign(run=run)
        # It may have more epochs than this one, or none: Vega leaves an empty line unnamed.
        pale = _mark("line", strokeWidth=1.5, opacity=0.55, color=palette.quiet, clip=True, aria=bool(values))
        layers.append(_layer(list(datasets)[-1], pale, x=x, y=y, tooltip=_EARLIER))
    train = [(epoch["epoch"], 100 * epoch["accuracy"]) for epoch in epochs if epoch["accuracy"] is not None]
    held_out = [(epoch["epoch"], 100 * epoch["val_accuracy"]) for epoch in epochs if epoch["val_accuracy"] is not None]
    if before is not None:
        held_out = [(0, 100 * before), *held_out]
    layers += _border(border, 8.0, x, y, palette)
    layers += _lines(train, held_out, datasets, x, y, palette)
    if test is not None:
        rows = [{"epoch": total_epochs, "value": 100 * test, "label": f"test {100 * test:.1f} %"}]
        diamond = _mark("point", shape="diamond", filled=True, size=110, color=palette.text, opacity=1)
        layers.append(_layer(rows, diamond, x=x, y=y, tooltip=_LABEL))
    return _spec(layers, datasets)


def loss_chart(
    batches: Sequence[Epoch],
    epochs: Sequence[Epoch],
    *,
    total_epochs: int,
    palette: Palette,
    border: int | None = None,
) -> Spec:
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
    x, y = _epoch_axis(total_epochs), _field("value", "how wrong (loss)", domain=[0, top], nice=True, clamp=True)
    datasets = {"batches": _table(fine)}
    # Vega leaves an empty line unnamed.
    thin = _mark("line", strokeWidth=1, opacity=0.45, color=palette.train, aria=bool(fine))
    layers = [_layer("batches", thin, x=x, y=y), *_border(border, 0.9 * top, x, y, palette)]
    layers += _lines(train, held_out, datasets, x, y, palette)
    return _spec(layers, datasets)


def _field(name: str, title: str, **scale: Any) -> Spec:
    return {"field": name, "type": "quantitative", "title": title, "scale": scale}


def _epoch_axis(total: int) -> Spec:
    ticks = list(range(0, total + 1, max(1, -(-total // 10))))
    x = _field("epoch", "passes over all training images (epochs)", domain=[0, total], nice=False)
    return {**x, "axis": {"values": ticks, "format": "d", "grid": False}}


def _mark(kind: str, **look: Any) -> Spec:
    return {"type": kind, **look}


def _layer(data: str | list[dict[str, Any]], mark: Spec, **encoding: Any) -> Spec:
    """One mark, of a named data set or of rows that stay as they are."""
    return {"data": {"name": data} if isinstance(data, str) else {"values": data}, "mark": mark, "encoding": encoding}


def _lines(
    train: Points, held_out: Points, datasets: dict[str, pd.DataFrame], x: Spec, y: Spec, palette: Palette
) -> list[Spec]:
    """The two curves with their names at their ends, the higher one's above it; their points go to ``datasets``."""
    train_above = _last(train) >= _last(held_out)
    layers = []
    for name, points, colour, dash, above in (
        ("practised", train, palette.train, [1, 0], train_above),
        ("held out", held_out, palette.validation, [6, 4], not train_above),
    ):
        if not points:
            continue
        datasets[name] = _table(points).assign(label=name)
        place = {"baseline": "bottom" if above else "top", "dy": -6 if above else 6}
        text = _mark("text", align="right", dx=-4, color=colour, fontWeight=600, **place)
        layers += [
            _layer(name, _mark("line", strokeWidth=2.5, strokeDash=dash, color=colour), x=x, y=y, tooltip=_TOOLTIP),
            _layer(name, _mark("point", filled=True, size=36, color=colour, opacity=1), x=x, y=y, tooltip=_TOOLTIP),
            {**_layer(name, text, x=x, y=y, text=_LABEL), "transform": _THE_LAST},
        ]
    return layers


def _last(points: Points) -> float:
    return points[-1][1] if points else 0.0


def _border(epoch: int | None, height: float, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """The line between the head alone and fine-tuning, named at ``height`` on the axis."""
    if epoch is None:
        return []
    rows = [{"epoch": epoch, "value": height, "label": "fine-tuning →"}]
    return [
        _layer(rows, _mark("rule", strokeWidth=1.5, strokeDash=[2, 2], color=palette.quiet), x=x),
        _layer(rows, _mark("text", align="right", dx=-5, color=palette.quiet), x=x, y=y, text=_LABEL),
    ]


def _table(points: Points) -> pd.DataFrame:
    return pd.DataFrame(points, columns=["epoch", "value"], dtype=float)


def _spec(layers: list[Spec], datasets: dict[str, pd.DataFrame]) -> Spec:
    config = {"axis": {"labelFontSize": 13, "titleFontSize": 13}, "view": {"stroke": None}}
    return {"height": HEIGHT, "layer": layers, "config": config, "datasets": datasets}
