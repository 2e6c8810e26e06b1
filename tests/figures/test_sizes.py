import json

import pytest

from cnn.figures.palette import DARK, LIGHT
from cnn.figures.sizes import sizes_chart

SMALL = {"name": "small", "dataset": "Digits", "parameters": 5_000, "accuracy": 0.42, "own": True}
LARGE = {"name": "large", "dataset": "CIFAR-10", "parameters": 800_000, "accuracy": 0.9, "own": False}


def points(models, palette=LIGHT):
    """The layer of points of a chart that is valid Vega-Lite and JSON, and its rows."""
    spec = sizes_chart(models, palette).to_dict()
    json.dumps(spec, allow_nan=False)
    [layer] = [layer for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    return layer["encoding"], spec["datasets"][layer.get("data", spec.get("data"))["name"]]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_model_is_a_point_at_its_size_and_accuracy(palette):
    encoding, rows = points([SMALL, LARGE], palette)
    x, y = encoding["x"]["field"], encoding["y"]["field"]
    assert [(row["name"], row[x], row[y]) for row in rows] == [
        ("small", 5_000, pytest.approx(42)),
        ("large", 800_000, pytest.approx(90)),
    ]


def test_sizes_are_on_a_logarithmic_axis():
    assert points([SMALL, LARGE])[0]["x"]["scale"]["type"] == "log"


@pytest.mark.parametrize("accuracy", [0.0, 0.1, 0.5, 1.0])
def test_accuracy_ends_at_100_per_cent_and_every_point_is_within(accuracy):
    encoding, rows = points([{**LARGE, "accuracy": accuracy}, LARGE])
    low, high = encoding["y"]["scale"]["domain"]
    assert high == 100
    assert all(0 <= low <= row[encoding["y"]["field"]] for row in rows)
    assert low < high


def test_a_model_can_be_told_by_its_name_data_set_and_owner():
    encoding, _ = points([SMALL, LARGE])
    assert encoding["shape"]["field"] == "dataset"
    assert {entry["field"] for entry in encoding["tooltip"]} >= {"name", "dataset", "parameters"}
    assert encoding["color"] == {"condition": {"test": "datum.own", "value": LIGHT.validation}, "value": LIGHT.train}


def test_a_lone_model_and_two_of_one_name_are_all_drawn():
    assert len(points([SMALL])[1]) == 1
    assert len(points([SMALL, SMALL])[1]) == 2
