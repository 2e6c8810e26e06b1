"""The map's chart: pictures of some images, dots for all, signs for mistakes, and the selections the page reads."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from cnn.figures.embedding_map import SIDE, EmbeddingMap, embedding_map_chart, without_overlap
from cnn.figures.palette import DARK, LIGHT

EMBEDDING = EmbeddingMap(
    points=np.array([[0, 0], [1, 2], [3, -1]], np.float32),
    positions=np.array([4, 10, 250]),
    true_labels=np.array([0, 1, 1]),
    predicted=np.array([0, 0, 1]),
)
NAMES = ("airplane", "frog")
PICTURES = {0: np.full((32, 32, 3), (200, 40, 90), np.uint8), 1: np.full((8, 8, 1), 77, np.uint8)}


def drawn(highlight=None, palette=LIGHT):
    """The specification of a chart, which must be valid Vega-Lite and JSON, and its rows."""
    spec = embedding_map_chart(EMBEDDING, PICTURES, NAMES, palette, highlight).to_dict()
    json.dumps(spec, allow_nan=False)
    (rows,) = spec["datasets"].values()
    return spec, rows


def layer(spec, mark):
    """The last layer of a kind of mark."""
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark][-1]


def test_every_image_is_at_its_point_with_its_true_and_predicted_class() -> None:
    spec, rows = drawn()
    assert [(row["x"], row["y"]) for row in rows] == [tuple(point) for point in EMBEDDING.points.tolist()]
    assert [(row["is"], row["named"]) for row in rows] == [
        ("airplane", "airplane"),
        ("frog", "airplane"),
        ("frog", "frog"),
    ]
    # Of all layers only the last one takes the pointer, and it has every image.
    assert {"is", "named"} <= {tip["field"] for tip in spec["layer"][-1]["encoding"]["tooltip"]}
    assert "transform" not in spec["layer"][-1]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_class_has_a_colour_and_a_mistake_has_a_sign(palette) -> None:
    spec, rows = drawn(palette=palette)
    assert [row["sign"] for row in rows] == ["●", "✗", "●"]
    for colour in (spec["layer"][0]["encoding"]["color"], layer(spec, "square")["encoding"]["color"]):
        assert colour["field"] == "is"
        assert dict(zip(colour["scale"]["domain"], colour["scale"]["range"], strict=True)) == dict(
            zip(NAMES, palette.classes, strict=False)
        )
    cross = layer(spec, "text")
    assert cross["mark"]["text"] == "✗"
    assert {"filter": "datum.wrong"} in cross["transform"]


def test_a_picture_is_the_image_in_a_small_file() -> None:
    spec, rows = drawn()
    assert [bool(row["picture"]) for row in rows] == [True, True, False]
    assert layer(spec, "image")["encoding"]["url"]["field"] == "picture"
    for index, image in PICTURES.items():
        file = base64.b64decode(rows[index]["picture"].partition(",")[2])
        with Image.open(io.BytesIO(file)) as opened:
            assert opened.size == (SIDE, SIDE)
            assert (np.asarray(opened.convert("RGB")) == image[0, 0]).all()


def test_a_photos_picture_takes_at_most_two_kilobytes() -> None:
    image = np.random.default_rng(1).integers(0, 256, (32, 32, 3), np.uint8)  # noise is the worst to compress
    spec = embedding_map_chart(EMBEDDING, {2: image}, NAMES, LIGHT).to_dict()
    (rows,) = spec["datasets"].values()
    assert len(rows[2]["picture"]) < 2048


def test_of_more_classes_than_colours_mistakes_have_a_colour() -> None:
    names = [f"class {number}" for number in range(len(LIGHT.classes) + 1)]
    spec = embedding_map_chart(EMBEDDING, PICTURES, names, LIGHT).to_dict()
    colour = layer(spec, "square")["encoding"]["color"]
    assert (colour["condition"]["value"], colour["value"]) == (LIGHT.wrong, LIGHT.text)


@pytest.mark.parametrize(("palette", "page"), [(LIGHT, "#FBFAF7"), (DARK, "#11161F")])
def test_a_sign_in_any_classs_colour_is_legible(palette, page) -> None:
    def luminance(colour: str) -> float:
        parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    for colour in palette.classes:
        low, high = sorted(luminance(shown) + 0.05 for shown in (colour, page))
        assert high / low >= 4.5, colour
    assert len(set(palette.classes)) == 10


def test_one_image_or_a_group_can_be_picked() -> None:
    spec, rows = drawn()
    selections = {param["name"]: param["select"] for param in spec["params"]}
    assert selections["picked"]["type"] == "point"
    assert selections["picked"]["fields"] == ["position"]
    assert selections["group"]["type"] == "interval"
    assert [row["position"] for row in rows] == EMBEDDING.positions.tolist()


def test_a_highlighted_class_is_more_opaque() -> None:
    assert min(row["opacity"] for row in drawn()[1]) > 0.3
    first, *others = [row["opacity"] for row in drawn(highlight=0)[1]]
    assert without_overlap(EMBEDDING, 1).tolist() == [1, 2]
    assert all(other < first for other in others)


def test_the_axes_have_no_values_because_distances_have_no_unit() -> None:
    spec, _ = drawn()
    for name in ("x", "y"):
        axis = spec["layer"][0]["encoding"][name]["axis"]
        assert (axis["labels"], axis["ticks"], axis["title"]) == (False, False, None)


@pytest.mark.parametrize("height", [300, 560])
def test_pictures_do_not_overlap_on_a_narrow_map_and_more_of_them_stand_on_a_wide_one(height: int) -> None:
    random = np.random.default_rng(2)
    points = random.random((1500, 2))
    embedding = EmbeddingMap(points, np.arange(1500), *random.integers(0, 2, (2, 1500)))
    shown = without_overlap(embedding, 1, height=height)
    assert set(embedding.true_labels[shown]) == {1}
    assert len(set(shown.tolist())) == len(shown) <= 150
    pictures = dict.fromkeys(shown.tolist(), PICTURES[0])
    spec = embedding_map_chart(embedding, pictures, ("cat", "dog"), LIGHT, 1, height=height, pick=False).to_dict()
    assert (spec["height"], "params" in spec) == (height, False)
    (rows,) = spec["datasets"].values()
    assert sorted(row["position"] for row in rows) == list(range(1500))
    assert all((row["sign"] == "✗") == (row["is"] != row["named"]) for row in rows)
    pictured = [row for row in rows if row["picture"]]
    narrow = [row for row in pictured if row["narrow"]]
    assert 25 < len(narrow) < len(pictured)
    frame = layer(spec, "square")["mark"]["size"] ** 0.5
    for width, there in ((340, narrow), (760, pictured)):
        for index, row in enumerate(there):
            for other in there[:index]:
                across, down = (abs(row[name] - other[name]) / np.ptp(points[:, at]) for at, name in enumerate("xy"))
                assert across * (width - frame) > frame or down * (height - frame) > frame


def test_a_press_in_the_rectangle_starts_a_new_one() -> None:
    spec, _ = drawn()
    (group,) = [param["select"] for param in spec["params"] if param["name"] == "group"]
    assert group["translate"] is False
