"""The map's chart: one mark per image, signs for mistakes, and the selections that the page reads."""

import json

import numpy as np
import pytest

from cnn.figures.embedding_map import EmbeddingMap, embedding_map_chart
from cnn.figures.palette import DARK, LIGHT

EMBEDDING = EmbeddingMap(
    points=np.array([[0, 0], [1, 2], [3, -1]], np.float32),
    positions=np.array([4, 10, 250]),
    true_labels=np.array([0, 1, 1]),
    predicted=np.array([0, 0, 1]),
)
NAMES = ("airplane", "frog")


def drawn(highlight=None, palette=LIGHT):
    """The specification of a chart, which must be valid Vega-Lite and JSON, and its rows."""
    spec = embedding_map_chart(EMBEDDING, NAMES, palette, highlight).to_dict()
    json.dumps(spec, allow_nan=False)
    (rows,) = spec["datasets"].values()
    return spec, rows


def test_every_image_is_at_its_point_with_its_true_and_predicted_class() -> None:
    spec, rows = drawn()
    assert [(row["x"], row["y"]) for row in rows] == [tuple(point) for point in EMBEDDING.points.tolist()]
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


def test_one_image_or_a_group_can_be_picked() -> None:
    spec, rows = drawn()
    selections = {param["name"]: param["select"] for param in spec["params"]}
    assert selections["picked"]["type"] == "point"
    assert selections["picked"]["fields"] == ["position"]
    assert selections["group"]["type"] == "interval"
    assert [row["position"] for row in rows] == EMBEDDING.positions.tolist()


def test_a_highlighted_class_is_more_opaque() -> None:
    assert len({row["opacity"] for row in drawn()[1]}) == 1
    first, *others = [row["opacity"] for row in drawn(highlight=0)[1]]
    assert all(other < first for other in others)


def test_the_axes_have_no_values_because_distances_have_no_unit() -> None:
    spec, _ = drawn()
    for name in ("x", "y"):
        axis = spec["encoding"][name]["axis"]
        assert (axis["labels"], axis["ticks"], axis["title"]) == (False, False, None)


def test_of_many_images_some_are_labelled_without_overlap() -> None:
    random = np.random.default_rng(2)
    points = random.random((1500, 2))
    embedding = EmbeddingMap(points, np.arange(1500), *random.integers(0, 2, (2, 1500)))
    spec = embedding_map_chart(embedding, ("cat", "dog"), LIGHT, 1, height=300, pick=False).to_dict()
    assert (spec["height"], "params" in spec) == (300, False)
    (rows,) = spec["datasets"].values()
    assert sorted(row["position"] for row in rows) == list(range(1500))
    assert all(("✗" in row["label"]) == (row["is"] != row["named"]) for row in rows)
    labelled = [row for row in rows if row["label"] not in ("✗", "●")]
    assert {row["is"] for row in labelled} == {"dog"}
    assert 50 < len(labelled) < 300
    for index, row in enumerate(labelled):
        for other in labelled[:index]:
            assert abs(row["x"] - other["x"]) > 0.07 or abs(row["y"] - other["y"]) > 0.035


def test_a_press_in_the_rectangle_starts_a_new_one() -> None:
    spec, _ = drawn()
    (group,) = [param["select"] for param in spec["params"] if param["name"] == "group"]
    assert group["translate"] is False
