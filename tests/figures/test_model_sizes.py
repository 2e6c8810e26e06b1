import json
from itertools import pairwise

import pytest

from cnn.figures.model_sizes import ROW, model_sizes_chart
from cnn.figures.palette import DARK, LIGHT


def model(name, dataset="CIFAR-10", accuracy=0.5, parameters=122_570, own=False):
    facts = {"name": name, "dataset": dataset, "accuracy": accuracy, "parameters": parameters}
    return {**facts, "guessing": 0.1, "own": own}


def rows(chart):
    """The rows of a chart that is valid Vega-Lite and JSON."""
    spec = chart.to_dict()
    json.dumps(spec, allow_nan=False)
    (table,) = spec["datasets"].values()
    return table


MANY = [model("digits-tutorial", "Handwritten digits", 0.992), model("cifar10-tutorial", accuracy=0.66)]
MANY += [model("cifar10-resnet", accuracy=0.88, parameters=840_000)]
MANY += [model("Mine", "Handwritten digits", 0.992, own=True) for _ in range(10)]


def test_rows_never_overlap_even_for_equal_models():
    chart = model_sizes_chart(MANY, LIGHT)
    centres = [row["row"] for row in rows(chart)]
    assert all(after - before > 0.7 for before, after in pairwise(centres))
    assert chart.to_dict()["height"] == ROW * (len(MANY) + 2)


def test_models_are_listed_below_their_data_set_the_best_first():
    labels = [row["dataset"] if row["heading"] else row["label"] for row in rows(model_sizes_chart(MANY[:4], LIGHT))]
    expected = ["CIFAR-10", "cifar10-resnet", "cifar10-tutorial"]
    assert labels == [*expected, "Handwritten digits", "digits-tutorial", "Mine · yours"]


@pytest.mark.parametrize("accuracy", [0.0, 0.6612, 1.0])
def test_a_dot_is_at_its_accuracy_and_its_area_shows_the_parameters(accuracy):
    chart = model_sizes_chart([model("one", accuracy=accuracy), model("other", parameters=5_000)], LIGHT)
    (dots,) = [layer["encoding"] for layer in chart.to_dict()["layer"] if layer["mark"]["type"] == "point"]
    (row,) = [row for row in rows(chart) if row.get("name") == "one"]
    assert row[dots["x"]["field"]] == pytest.approx(100 * accuracy)
    assert dots["x"]["scale"]["domain"] == [0, 100]
    assert row[dots["size"]["field"]] == 122_570
    assert dots["size"]["scale"]["zero"] is True


@pytest.mark.parametrize(
    ("parameters", "text"),
    [(980, "980"), (122_570, "123k"), (999_499, "999k"), (999_600, "1.0M"), (4_216_000, "4.2M")],
)
def test_the_number_of_parameters_is_abbreviated(parameters, text):
    _, row = rows(model_sizes_chart([model("one", accuracy=0.7012, parameters=parameters)], LIGHT))
    assert row["value"] == f"70.1 % · {text}"
    assert row["parameters"] == parameters


def test_the_colours_are_those_of_the_page():
    assert LIGHT.quiet in model_sizes_chart(MANY, LIGHT).to_json()
    assert DARK.quiet in model_sizes_chart(MANY, DARK).to_json()
