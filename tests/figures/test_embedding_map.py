"""The map's chart: every image one mark, a mistake known by its sign, and what the page needs to find picked images."""

import json

import numpy as np
import pytest

from cnn.figures.embedding_map import embedding_map_chart
from cnn.figures.palette import DARK, LIGHT

PLACES = np.array([[0, 0], [1, 2], [3, -1]], np.float32)
POSITIONS = np.array([4, 10, 250])
TRUTH = np.array([0, 1, 1])
SAID = np.array([0, 0, 1])
NAMES = ("airplane", "frog")


def drawn(highlight=None, palette=LIGHT):
    """A chart that is valid Vega-Lite and JSON, and its rows."""
    spec = embedding_map_chart(PLACES, POSITIONS, TRUTH, SAID, NAMES, palette, highlight).to_dict()
    json.dumps(spec, allow_nan=False)
    (rows,) = spec["datasets"].values()
    return spec, rows


def test_every_image_lies_where_it_was_put_and_says_what_it_is_and_was_named() -> None:
    spec, rows = drawn()
    assert [(row["x"], row["y"]) for row in rows] == [tuple(place) for place in PLACES.tolist()]
    assert [(row["is"], row["named"]) for row in rows] == [
        ("airplane", "airplane"),
        ("frog", "airplane"),
        ("frog", "frog"),
    ]
    assert {"is", "named"} <= {tip["field"] for tip in spec["encoding"]["tooltip"]}


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_mistake_has_a_sign_and_not_only_a_colour(palette) -> None:
    spec, rows = drawn(palette=palette)
    assert [row["label"] for row in rows] == ["air", "✗fro", "fro"]
    colour = spec["encoding"]["color"]
    assert (colour["condition"]["value"], colour["value"]) == (palette.wrong, palette.text)


def test_one_and_a_group_can_be_picked_and_found_again() -> None:
    spec, rows = drawn()
    params = {each["name"]: each["select"] for each in spec["params"]}
    assert params["picked"]["type"] == "point"
    assert params["picked"]["fields"] == ["position"]
    assert params["group"]["type"] == "interval"
    assert [row["position"] for row in rows] == POSITIONS.tolist()


def test_a_class_stands_out_from_all_others() -> None:
    assert len({row["shown"] for row in drawn()[1]}) == 1
    first, *others = [row["shown"] for row in drawn(highlight=0)[1]]
    assert all(other < first for other in others)


def test_the_axes_have_no_numbers_because_distances_have_no_unit() -> None:
    spec, _ = drawn()
    for way in ("x", "y"):
        axis = spec["encoding"][way]["axis"]
        assert (axis["labels"], axis["ticks"], axis["title"]) == (False, False, None)
