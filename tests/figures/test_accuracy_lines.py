"""Accuracy against a place or a strength: the numbers in the chart, and which line is the solid one."""

import pytest

from cnn.figures.accuracy_lines import accuracy_lines_chart
from cnn.figures.palette import LIGHT


def drawn(right: dict[str, list[int]]) -> dict:
    strengths = [-10.0, 0.0, 0.5]
    chart = accuracy_lines_chart(right, strengths, 40, title="degrees", chance=0.1, palette=LIGHT)
    return chart.to_dict()


@pytest.mark.parametrize("networks", [["one"], ["one", "two"], ["one", "two", "three"]])
def test_every_network_has_a_line_in_per_cent_and_the_last_is_solid(networks: list[str]) -> None:
    spec = drawn({name: [10 * number, 40, 20] for number, name in enumerate(networks)})
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert len(lines) == len(networks)
    assert lines[-1]["mark"]["strokeDash"] == [1, 0]
    assert len({str(line["mark"]["strokeDash"]) for line in lines}) == len(networks)
    for number, (name, line) in enumerate(zip(networks, lines, strict=True)):
        rows = spec["datasets"][line["data"]["name"]]
        assert [(row["network"], row["pixels"], row["value"]) for row in rows] == [
            (name, -10.0, 25.0 * number),
            (name, 0.0, 100.0),
            (name, 0.5, 50.0),
        ]


def test_strengths_below_zero_and_between_whole_numbers_have_room() -> None:
    x = next(layer for layer in drawn({"one": [1, 2, 3]})["layer"] if layer["mark"]["type"] == "line")["encoding"]["x"]
    assert x["scale"]["domain"] == [-10.0, 0.5]
    assert x["title"] == "degrees"
    assert x["axis"]["labelExpr"] == "format(datum.value, '~g')"
