"""Accuracy against a position or a strength: the values in the chart, and which line is solid."""

import pytest

from cnn.figures.accuracy_lines import accuracy_lines_chart
from cnn.figures.palette import LIGHT


def chart_spec(correct: dict[str, list[int]]) -> dict:
    strengths = [-10.0, 0.0, 0.5]
    chart = accuracy_lines_chart(correct, strengths, 40, title="degrees", chance=0.1, palette=LIGHT)
    return chart.to_dict()


@pytest.mark.parametrize("networks", [["one"], ["one", "two"], ["one", "two", "three"]])
def test_every_network_has_a_line_in_per_cent_and_the_last_one_is_solid(networks: list[str]) -> None:
    spec = chart_spec({name: [10 * index, 40, 20] for index, name in enumerate(networks)})
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert len(lines) == len(networks)
    assert lines[-1]["mark"]["strokeDash"] == [1, 0]
    assert len({str(line["mark"]["strokeDash"]) for line in lines}) == len(networks)
    for index, (name, line) in enumerate(zip(networks, lines, strict=True)):
        rows = spec["datasets"][line["data"]["name"]]
        assert [(row["network"], row["x"], row["value"]) for row in rows] == [
            (name, -10.0, 25.0 * index),
            (name, 0.0, 100.0),
            (name, 0.5, 50.0),
        ]


def test_negative_and_fractional_strengths_fit_the_axis() -> None:
    x = next(layer for layer in chart_spec({"one": [1, 2, 3]})["layer"] if layer["mark"]["type"] == "line")["encoding"][
        "x"
    ]
    assert x["scale"]["domain"] == [-10.0, 0.5]
    assert x["title"] == "degrees"
    assert x["axis"]["labelExpr"] == "format(datum.value, '~g')"
