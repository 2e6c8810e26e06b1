import json
from itertools import pairwise

import altair
import pytest

from cnn.figures.curves import MAX_BATCH_POINTS, EpochAxis, accuracy_chart, loss_chart
from cnn.figures.palette import DARK, LIGHT

RISING = [(0.4, 0.5, 2.0, 1.5), (0.75, 0.625, 1.0, 1.25), (0.875, 0.75, 0.5, 1.0)]


def curve(rows):
    names = ("accuracy", "val_accuracy", "loss", "val_loss")
    return [{"epoch": n, **dict(zip(names, row, strict=True))} for n, row in enumerate(rows, 1)]


def points(*losses, per_epoch=10):
    return [{"epoch": n / per_epoch, "loss": loss} for n, loss in enumerate(losses, 1)]


def accuracy(epochs, *, total_epochs=5, chance=0.1, palette=LIGHT, **options):
    return drawn(accuracy_chart(epochs, EpochAxis(total_epochs), chance=chance, palette=palette, **options))


def loss(batches, epochs, *, total_epochs=5, palette=LIGHT):
    return drawn(loss_chart(batches, epochs, EpochAxis(total_epochs), palette=palette))


def drawn(chart):
    """The layers of a chart, which must be valid Vega-Lite and JSON, with their rows."""
    tables = {name: table.to_dict("records") for name, table in chart["datasets"].items()}
    spec = chart | {"datasets": tables}
    json.dumps(spec, allow_nan=False)
    altair.LayerChart.from_dict(spec)  # validates against the Vega-Lite schema
    return [{**layer, "height": spec["height"], "rows": rows(layer, tables)} for layer in spec["layer"]]


def rows(layer, tables):
    table = layer["data"]["values"] if "values" in layer["data"] else tables[layer["data"]["name"]]
    if "transform" not in layer:
        return table
    assert layer["transform"][1] == {"filter": "datum.epoch === datum.last"}
    return table[-1:]


def marks(layers, kind, **properties):
    return [layer for layer in layers if {"type": kind, **properties}.items() <= layer["mark"].items()]


def values(layer):
    return [(row["epoch"], pytest.approx(row["value"])) for row in layer["rows"]]


def line(layers, colour):
    [curve_layer] = marks(layers, "line", color=colour, strokeWidth=2.5)
    return curve_layer


def domain(layers, axis):
    domains = {tuple(e[axis]["scale"]["domain"]) for layer in layers if axis in (e := layer["encoding"])}
    assert len(domains) == 1
    return domains.pop()


def label(layers, text):
    [label_layer] = [layer for layer in marks(layers, "text") if [row.get("label") for row in layer["rows"]] == [text]]
    return label_layer


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_accuracy_is_in_per_cent_with_a_solid_training_and_a_dashed_validation_curve(palette):
    layers = accuracy(curve(RISING), palette=palette)
    train, validation = line(layers, palette.train), line(layers, palette.validation)
    assert values(train) == [(1, 40), (2, 75), (3, 87.5)]
    assert values(validation) == [(1, 50), (2, 62.5), (3, 75)]
    assert not train["mark"]["strokeDash"][1]
    assert validation["mark"]["strokeDash"][1]
    assert len(marks(layers, "line")) == 2


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_loss_is_drawn_by_batch_and_by_epoch(palette):
    layers = loss(points(2.3, 2.1, 1.9), curve(RISING), palette=palette)
    [fine] = marks(layers, "line", strokeWidth=1)
    assert fine["mark"]["color"] == palette.train
    assert values(fine) == [(0.1, 2.3), (0.2, 2.1), (0.3, 1.9)]
    assert values(line(layers, palette.train)) == [(1, 2.0), (2, 1.0), (3, 0.5)]
    assert values(line(layers, palette.validation)) == [(1, 1.5), (2, 1.25), (3, 1.0)]


def test_labels_are_at_the_ends_of_the_curves_the_higher_one_above():
    layers = accuracy(curve(RISING))
    upper, lower = label(layers, "training"), label(layers, "validation")
    assert values(upper) == [(3, 87.5)]
    assert values(lower) == [(3, 75)]
    assert (upper["mark"]["baseline"], lower["mark"]["baseline"]) == ("bottom", "top")
    layers = loss([], curve(RISING))
    assert label(layers, "training")["mark"]["baseline"] == "top"
    assert label(layers, "validation")["mark"]["baseline"] == "bottom"


def test_the_axes_are_constant_while_a_run_grows():
    stages = [accuracy(curve(RISING[:epochs]), test=test) for epochs, test in ((0, None), (1, None), (3, 0.7))]
    assert [domain(layers, "x") for layers in stages] == [(0, 5)] * 3
    assert [domain(layers, "y") for layers in stages] == [(0, 100)] * 3
    assert len({layers[0]["height"] for layers in stages}) == 1
    stages = [loss(points(*[2.3] * n), curve(RISING[: n // 10])) for n in (1, 9, 30)]
    assert [domain(layers, "x") for layers in stages] == [(0, 5)] * 3
    assert [domain(layers, "y") for layers in stages] == [(0, 2.3)] * 3


@pytest.mark.parametrize("total", [1, 4, 12, 200])
def test_the_epoch_axis_has_few_ticks_at_whole_epochs(total):
    ticks = accuracy([], total_epochs=total)[1]["encoding"]["x"]["axis"]["values"]
    assert ticks[0] == 0
    assert len({b - a for a, b in pairwise(ticks)}) == 1
    assert 2 <= len(ticks) <= 11
    assert ticks[-1] <= total


def test_guessing_is_a_labelled_dotted_line():
    layers = accuracy([], chance=0.125)
    [rule] = marks(layers, "rule")
    assert [row["value"] for row in rule["rows"]] == [12.5]
    assert rule["mark"]["strokeDash"]
    assert "x" not in rule["encoding"]
    assert values(label(layers, "guessing")) == [(5, 12.5)]  # away from where curves begin
    offsets = [label(accuracy([], chance=chance), "guessing")["mark"]["dy"] for chance in (0.125, 0.98)]
    assert offsets[1] - offsets[0] >= 15  # a line of text below the curves' own names


def test_test_accuracy_is_a_diamond_at_the_end():
    layers = accuracy(curve(RISING), total_epochs=3, test=0.6664)
    [diamond] = marks(layers, "point", shape="diamond")
    assert values(diamond) == [(3, 66.64)]
    assert [row["label"] for row in diamond["rows"]] == ["test 66.6 %"]
    assert diamond["mark"]["color"] == LIGHT.text


@pytest.mark.parametrize(("test", "expected"), [(None, 0), (0.0, 1)])
def test_there_is_a_diamond_for_zero_test_accuracy_but_none_for_an_unknown_one(test, expected):
    assert len(marks(accuracy(curve(RISING), test=test), "point", shape="diamond")) == expected


def test_earlier_runs_are_drawn_below_and_clipped_to_the_axes():
    longer = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9]
    layers = accuracy(curve(RISING), earlier={"long ago": longer, "nothing yet": [], "yesterday": [0.4]})
    old = [layer for layer in marks(layers, "line") if layer["mark"]["color"] == LIGHT.quiet]
    assert [{row["run"] for row in layer["rows"]} for layer in old] == [{"long ago"}, set(), {"yesterday"}]
    assert values(old[0]) == [(1, 30), (2, 50), (3, 60), (4, 70), (5, 80), (6, 90)]
    assert all(layer["mark"]["clip"] for layer in old)
    assert max(map(layers.index, old)) < layers.index(line(layers, LIGHT.train))


def test_a_diverged_epoch_is_omitted():
    epochs = curve([*RISING, (None, 0.1, None, None)])
    layers = accuracy(epochs)
    assert values(line(layers, LIGHT.train))[-1] == (3, 87.5)
    assert values(line(layers, LIGHT.validation))[-1] == (4, 10)
    layers = loss(points(2.0, None, 1.5), epochs)
    assert values(marks(layers, "line", strokeWidth=1)[0]) == [(0.1, 2.0), (0.3, 1.5)]
    assert values(line(layers, LIGHT.train))[-1] == (3, 0.5)
    assert values(line(layers, LIGHT.validation))[-1] == (3, 1.0)


@pytest.mark.parametrize("epochs", [[], curve([(None, None, None, None)])])
def test_a_run_without_values_has_axes_but_no_curves(epochs):
    layers = accuracy(epochs)
    assert not marks(layers, "line")
    assert len(marks(layers, "text")) == 1
    layers = loss([], epochs)
    assert [layer["rows"] for layer in layers] == [[]]
    assert domain(layers, "y") == (0, 1)
    assert loss(points(None, None), epochs)[0]["rows"] == []


def test_the_loss_axis_fits_every_epoch_but_ignores_late_outliers():
    layers = loss(points(*[2.0] * 60, 1e6), curve([(0.5, 0.5, 1.0, 3.5), (0.5, 0.5, 1.0, 0.5)]))
    assert domain(layers, "y") == (0, 3.5)
    assert all(layer["encoding"]["y"]["scale"]["clamp"] for layer in layers)


@pytest.mark.parametrize("count", [MAX_BATCH_POINTS, MAX_BATCH_POINTS + 1, 2 * MAX_BATCH_POINTS - 1, 5000])
def test_a_long_run_is_thinned_evenly(count):
    [fine] = marks(loss(points(*range(count), per_epoch=1000), []), "line")
    losses = [row["value"] for row in fine["rows"]]
    assert MAX_BATCH_POINTS / 2 < len(losses) <= MAX_BATCH_POINTS
    assert losses[0] == 0
    assert len({b - a for a, b in pairwise(losses)}) == 1


def test_fine_tuning_begins_at_a_labelled_line_and_the_curve_at_the_initial_accuracy():
    chart = accuracy_chart(curve(RISING), EpochAxis(5, head_epochs=2), chance=0.1, palette=LIGHT, initial=0.25)
    layers = drawn(chart)
    assert values(line(layers, LIGHT.validation))[0] == (0, 25)
    assert values(label(layers, "fine-tuning →")) == [(2, 8)]
    layers = drawn(loss_chart([], curve(RISING), EpochAxis(5, head_epochs=2), palette=LIGHT))
    assert [row["epoch"] for row in label(layers, "fine-tuning →")["rows"]] == [2]


@pytest.mark.parametrize("chart", [accuracy, lambda epochs, **more: loss([], epochs, **more)], ids=["accuracy", "loss"])
def test_labels_stand_right_of_the_ends_until_there_is_no_room(chart):
    """To the left, those of a run that has just begun would lie on the numbers of the axis."""
    for total_epochs, align in ((30, "left"), (5, "left"), (4, "right"), (3, "right")):
        layers = chart(curve(RISING), total_epochs=total_epochs)
        for name in ("training", "validation"):
            mark = label(layers, name)["mark"]
            assert mark["align"] == align
            assert (mark["dx"] > 0) == (align == "left")


def test_the_label_of_the_higher_curve_stands_higher():
    for total_epochs in (30, 3):
        layers = accuracy(curve(RISING), total_epochs=total_epochs)
        assert label(layers, "training")["mark"]["dy"] < 0 < label(layers, "validation")["mark"]["dy"]
