"""Learning curves: training and validation accuracy and loss over the epochs of a run, as Vega-Lite charts.

Plain specifications instead of Altair: a running training is redrawn every second for each viewer, and Altair's
validation takes a tenth of a second for two charts. Growing data are named data sets beside a constant specification,
so that browsers do not redraw the axes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cnn.figures.palette import Palette

Epoch = dict[str, Any]
Spec = dict[str, Any]
"""A Vega-Lite specification for ``st.vega_lite_chart``: JSON, except "datasets", {name: data frame}."""

Points = Sequence[tuple[float, float]]
HEIGHT = 200
MAX_BATCH_POINTS = 300
ROOM = 0.6  # of the horizontal axis: a label that begins there ends within it on a phone, too
_EPOCH = {"field": "epoch", "type": "quantitative"}
_LABEL = {"field": "label", "type": "nominal"}
_EARLIER = [
    {"field": "run", "type": "nominal"},
    _EPOCH,
    {"field": "value", "type": "quantitative", "format": ".1f", "title": "validation, %"},
]
_TOOLTIP = [_LABEL, _EPOCH, {"field": "value", "type": "quantitative", "format": ".3~g"}]
_THE_LAST = [
    {"joinaggregate": [{"op": "max", "field": "epoch", "as": "last"}]},
    {"filter": "datum.epoch === datum.last"},
]


@dataclass(frozen=True)
class EpochAxis:
    """The horizontal axis, fixed while a run grows.

    Attributes:
        total: its last epoch.
        head_epochs: of transfer learning, the last epoch before fine-tuning, where a line is drawn; else None.
    """

    total: int
    head_epochs: int | None = None


def accuracy_chart(
    epochs: Sequence[Epoch],
    axis: EpochAxis,
    *,
    chance: float,
    palette: Palette,
    test: float | None = None,
    earlier: Mapping[str, Sequence[float]] | None = None,
    initial: float | None = None,
) -> Spec:
    """Accuracy in per cent over the epochs.

    Args:
        epochs: "epoch" events with ``epoch``, ``accuracy``, ``val_accuracy`` in 0..1.
        chance: accuracy of guessing, 0..1, drawn as a dotted line.
        test: test accuracy, 0..1, drawn as a diamond; None while unknown.
        earlier: {name: validation accuracy of each epoch, 0..1} of other runs, drawn below this one.
        initial: validation accuracy before any training, 0..1, where the curve begins.
    """
    x, y = _epoch_field(axis), _field("value", "right answers, %", domain=[0, 100], nice=False)
    # Labelled at the right end and below the line, because curves begin at the left, close to it.
    guessing = [{"epoch": axis.total, "value": 100 * chance, "label": "guessing"}]
    # Where one class is nearly all, curves end just there, with their own names.
    below = 20 if chance > 0.8 else 3
    name = _mark("text", align="right", baseline="top", dx=-2, dy=below, color=palette.quiet)
    layers = [
        _layer(guessing, _mark("rule", strokeDash=[2, 4], color=palette.quiet), y=y),
        _layer(guessing, name, x=x, y=y, text=_LABEL),
    ]
    datasets: dict[str, pd.DataFrame] = {}
    for run, values in (earlier or {}).items():
        points = [(epoch, 100 * value) for epoch, value in enumerate(values, 1)]
        datasets[f"earlier {len(datasets)}"] = _table(points).assign(run=run)
        # It may have more epochs than this run, or none: Vega gives an empty line no accessible name.
        pale = _mark("line", strokeWidth=1.5, opacity=0.55, color=palette.quiet, clip=True, aria=bool(values))
        layers.append(_layer(list(datasets)[-1], pale, x=x, y=y, tooltip=_EARLIER))
    train = [(epoch["epoch"], 100 * epoch["accuracy"]) for epoch in epochs if epoch["accuracy"] is not None]
    validation = [(e["epoch"], 100 * e["val_accuracy"]) for e in epochs if e["val_accuracy"] is not None]
    if initial is not None:
        validation = [(0, 100 * initial), *validation]
    layers += _fine_tuning_line(axis.head_epochs, 8.0, x, y, palette)
    layers += _lines(train, validation, datasets, x, y, palette, has_room=_has_room(epochs, axis))
    if test is not None:
        rows = [{"epoch": axis.total, "value": 100 * test, "label": f"test {100 * test:.1f} %"}]
        diamond = _mark("point", shape="diamond", filled=True, size=110, color=palette.text, opacity=1)
        layers.append(_layer(rows, diamond, x=x, y=y, tooltip=_LABEL))
    return _spec(layers, datasets)


def loss_chart(
    batches: Sequence[Epoch],
    epochs: Sequence[Epoch],
    axis: EpochAxis,
    *,
    palette: Palette,
) -> Spec:
    """The loss over the epochs: of batches as a thin line, and the training and validation loss of each epoch.

    Args:
        batches: "batch" events with ``epoch`` (a fraction) and ``loss``.
        epochs: "epoch" events with ``loss`` and ``val_loss``.
    """
    by_batch = [(batch["epoch"], batch["loss"]) for batch in batches if batch["loss"] is not None]
    by_batch = by_batch[:: max(1, -(-len(by_batch) // MAX_BATCH_POINTS))]
    train = [(epoch["epoch"], epoch["loss"]) for epoch in epochs if epoch["loss"] is not None]
    validation = [(epoch["epoch"], epoch["val_loss"]) for epoch in epochs if epoch["val_loss"] is not None]
    top = max([value for _, value in by_batch[:40] + train + validation] or [1.0])
    x, y = _epoch_field(axis), _field("value", "how wrong (loss)", domain=[0, top], nice=True, clamp=True)
    datasets = {"batches": _table(by_batch)}
    # Vega gives an empty line no accessible name.
    thin = _mark("line", strokeWidth=1, opacity=0.45, color=palette.train, aria=bool(by_batch))
    layers = [_layer("batches", thin, x=x, y=y), *_fine_tuning_line(axis.head_epochs, 0.9 * top, x, y, palette)]
    layers += _lines(train, validation, datasets, x, y, palette, has_room=_has_room(epochs, axis))
    return _spec(layers, datasets)


def _field(name: str, title: str, **scale: Any) -> Spec:
    return {"field": name, "type": "quantitative", "title": title, "scale": scale}


def _epoch_field(axis: EpochAxis) -> Spec:
    ticks = list(range(0, axis.total + 1, max(1, -(-axis.total // 10))))
    x = _field("epoch", "epochs (passes over the training images)", domain=[0, axis.total], nice=False)
    return {**x, "axis": {"values": ticks, "format": "d", "grid": False}}


def _mark(kind: str, **properties: Any) -> Spec:
    return {"type": kind, **properties}


def _layer(data: str | list[dict[str, Any]], mark: Spec, **encoding: Any) -> Spec:
    """One mark for a named data set or for constant rows."""
    return {"data": {"name": data} if isinstance(data, str) else {"values": data}, "mark": mark, "encoding": encoding}


def _has_room(epochs: Sequence[Epoch], axis: EpochAxis) -> bool:
    """Whether a label fits to the right of the curves' ends."""
    return not epochs or epochs[-1]["epoch"] <= ROOM * axis.total


def _lines(
    train: Points,
    validation: Points,
    datasets: dict[str, pd.DataFrame],
    x: Spec,
    y: Spec,
    palette: Palette,
    *,
    has_room: bool,
) -> list[Spec]:
    """The two curves, labelled at their ends, the higher one above; adds their points to ``datasets``.

    Where there is room the labels stand to the right of the ends: to the left they would lie on the curves, and at the
    beginning of a run on the numbers of the axis.
    """
    train_above = _last(train) >= _last(validation)
    layers = []
    for name, points, colour, dash, above in (
        ("training", train, palette.train, [1, 0], train_above),
        ("validation", validation, palette.validation, [6, 4], not train_above),
    ):
        if not points:
            continue
        datasets[name] = _table(points).assign(label=name)
        offset = {"baseline": "bottom" if above else "top", "dy": -6 if above else 6}
        if has_room:
            offset["dy"] = -2 if above else 2
        side = {"align": "left", "dx": 8} if has_room else {"align": "right", "dx": -4}
        text = _mark("text", color=colour, fontWeight=600, **side, **offset)
        layers += [
            _layer(name, _mark("line", strokeWidth=2.5, strokeDash=dash, color=colour), x=x, y=y, tooltip=_TOOLTIP),
            _layer(name, _mark("point", filled=True, size=36, color=colour, opacity=1), x=x, y=y, tooltip=_TOOLTIP),
            {**_layer(name, text, x=x, y=y, text=_LABEL), "transform": _THE_LAST},
        ]
    return layers


def _last(points: Points) -> float:
    return points[-1][1] if points else 0.0


def _fine_tuning_line(head_epochs: int | None, height: float, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """The line between training the head and fine-tuning, labelled at ``height`` on the vertical axis."""
    if head_epochs is None:
        return []
    rows = [{"epoch": head_epochs, "value": height, "label": "fine-tuning →"}]
    return [
        _layer(rows, _mark("rule", strokeWidth=1.5, strokeDash=[2, 2], color=palette.quiet), x=x),
        _layer(rows, _mark("text", align="right", dx=-5, color=palette.quiet), x=x, y=y, text=_LABEL),
    ]


def _table(points: Points) -> pd.DataFrame:
    return pd.DataFrame(points, columns=["epoch", "value"], dtype=float)


def _spec(layers: list[Spec], datasets: dict[str, pd.DataFrame]) -> Spec:
    config = {"axis": {"labelFontSize": 13, "titleFontSize": 13}, "view": {"stroke": None}}
    return {"height": HEIGHT, "layer": layers, "config": config, "datasets": datasets}
