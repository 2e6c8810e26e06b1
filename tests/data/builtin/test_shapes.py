import subprocess
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds
from scipy.spatial import ConvexHull

from cnn.data.builtin import shape_drawing, shapes
from cnn.data.builtin.shape_drawing import NAMES, SIZE, draw
from cnn.data.builtin.shapes import Shapes

pytestmark = pytest.mark.timeout(900)  # preparing all 10,000 pictures takes a busy machine minutes


def read(builder: Shapes, split: str) -> dict[str, np.ndarray]:
    examples = list(tfds.as_numpy(builder.as_dataset(split=split)))
    return {key: np.stack([example[key] for example in examples]) for key in ("image", "label", "bbox", "id")}


@pytest.fixture(scope="module")
def default(laid_out_shapes):
    """The whole data set, as it was prepared for all tests of this run."""
    builder = Shapes(data_dir=laid_out_shapes / "tfds")
    assert builder.builder_config.name == "default"
    return {"info": builder.info} | {split: read(builder, split) for split in ("train", "test")}


@pytest.fixture
def first_of(monkeypatch, tmp_path):
    """Prepare only the first pictures of a variant."""

    def prepare(config: str, train: int, test: int) -> dict[str, dict[str, np.ndarray]]:
        monkeypatch.setattr(shapes, "COUNTS", {"train": train, "test": test})
        builder = Shapes(config=config, data_dir=tmp_path)
        builder.download_and_prepare()
        return {split: read(builder, split) for split in ("train", "test")}

    return prepare


def unpainted(monkeypatch, label: int, generator: np.random.Generator, **where) -> np.ndarray:
    """The picture that ``draw`` makes when its object is left out."""
    with monkeypatch.context() as patch:
        patch.setattr(shape_drawing.ImageDraw.ImageDraw, "polygon", lambda *args, **kwargs: None)
        return draw(label, generator, **where)[0]


def pair(monkeypatch, seed: int, **where) -> tuple[np.ndarray, np.ndarray, shape_drawing.Box]:
    """A picture, the same picture without its object, and the object's box."""
    image, box = draw(seed % 8, np.random.default_rng(seed), **where)
    return image, unpainted(monkeypatch, seed % 8, np.random.default_rng(seed), **where), box


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB 0-255, as WCAG 2.1 defines it."""
    scaled = rgb / 255
    linear = np.where(scaled <= 0.03928, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def test_counts_and_balance(default):
    for split, count in (("train", 8000), ("test", 2000)):
        data = default[split]
        assert data["image"].shape == (count, 32, 32, 3)
        assert data["image"].dtype == np.uint8
        np.testing.assert_array_equal(np.bincount(data["label"]), np.full(8, count // 8))
        assert len(set(data["id"])) == count
    assert default["info"].features["label"].names == list(NAMES)
    assert "CC0" in default["info"].redistribution_info.license


def test_no_picture_is_there_twice(default):
    pictures = [image.tobytes() for split in ("train", "test") for image in default[split]["image"]]
    assert len(set(pictures)) == 10_000


def test_objects_are_whole_and_large_enough(default):
    for split in ("train", "test"):
        ymin, xmin, ymax, xmax = default[split]["bbox"].T
        assert min(ymin.min(), xmin.min()) > 0
        assert max(ymax.max(), xmax.max()) < 1
        assert np.maximum(ymax - ymin, xmax - xmin).min() * SIZE > 13


def test_another_process_that_is_given_nothing_but_a_folder_makes_the_same_pictures(default, tmp_path):
    program = (
        "import sys; from cnn.data.builtin import shapes; shapes.COUNTS = {'train': 160, 'test': 80};"
        "shapes.Shapes(data_dir=sys.argv[1]).download_and_prepare()"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True)
    again = {split: read(Shapes(data_dir=tmp_path), split) for split in ("train", "test")}
    for split in ("train", "test"):
        number_of = {identifier: number for number, identifier in enumerate(default[split]["id"])}
        same = [number_of[identifier] for identifier in again[split]["id"]]
        for key in ("image", "label", "bbox"):
            np.testing.assert_array_equal(again[split][key], default[split][key][same])


def test_left_right_trains_on_the_left_and_examines_on_the_right(first_of):
    variant = first_of("left_right", train=800, test=400)
    for split, low, high in (("train", 0, 0.5), ("test", 0.5, 1)):
        _, xmin, _, xmax = variant[split]["bbox"].T
        assert xmin.min() > low
        assert xmax.max() < high
        np.testing.assert_array_equal(np.bincount(variant[split]["label"]), np.full(8, len(xmin) // 8))


@pytest.mark.parametrize("where", [{}, {"half": "left"}, {"half": "right"}, {"center": (0.0, 0.9)}], ids=str)
def test_box_is_the_smallest_around_what_was_painted(monkeypatch, where):
    for seed in range(80):
        image, empty, box = pair(monkeypatch, seed, **where)
        painted = np.abs(image.astype(int) - empty).max(axis=-1) > 0
        y, x = (np.flatnonzero(painted.any(axis=axis)) for axis in (1, 0))
        measured = np.array([y[0], x[0], y[-1] + 1, x[-1] + 1])
        inside = np.array([1, 1, -1, -1]) * (np.array(box) * SIZE - measured)
        assert inside.min() > -1e-6, "paint outside the box"
        assert inside.max() < 1.5, "box larger than the paint"


def test_object_stands_out_from_its_background(monkeypatch):
    for seed in range(400):
        image, empty, _ = pair(monkeypatch, seed)
        painted = np.abs(image.astype(int) - empty).max(axis=-1) > 40
        of_object, of_ground = luminance(image[painted].mean(axis=0)), luminance(image[~painted].mean(axis=0))
        ratio = (max(of_object, of_ground) + 0.05) / (min(of_object, of_ground) + 0.05)
        assert ratio > 2


def shown(monkeypatch, name: str, seed: int) -> np.ndarray:
    """Where the object is, bool (32, 32)."""
    generators = np.random.default_rng(seed), np.random.default_rng(seed)
    image, _ = draw(NAMES.index(name), generators[0], center=(0.5, 0.5))
    empty = unpainted(monkeypatch, NAMES.index(name), generators[1], center=(0.5, 0.5))
    difference = np.linalg.norm(image.astype(float) - empty, axis=-1)
    return difference > np.percentile(difference[difference > 0], 90) / 2


def test_circle_is_the_disc_of_its_box(monkeypatch):
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    for seed in range(40):
        _, (ymin, _, ymax, _) = draw(NAMES.index("circle"), np.random.default_rng(seed), center=(0.5, 0.5))
        mask, beyond = shown(monkeypatch, "circle", seed), np.hypot(y, x) - (ymax - ymin) * SIZE / 2
        assert mask[beyond < -1.5].all()
        assert not mask[beyond > 1].any()


@pytest.mark.parametrize("name", NAMES)
def test_outline_is_convex_or_not_as_its_name_says(monkeypatch, name):
    filled = []
    for seed in range(40):
        mask = shown(monkeypatch, name, seed)
        corners = np.argwhere(mask)[:, None] + np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        filled.append(mask.sum() / ConvexHull(corners.reshape(-1, 2)).volume)
    share = np.median(filled)
    assert share > 0.85 if name in ("circle", "square", "triangle", "heart") else share < 0.82


def test_moving_the_center_moves_the_object_and_nothing_else(monkeypatch):
    for seed in range(16):
        image, empty, box = pair(monkeypatch, seed, half="left", center=(0.5, 0.375))
        moved, moved_empty, moved_box = pair(monkeypatch, seed, half="left", center=(0.5, 0.625))
        np.testing.assert_array_equal(empty, moved_empty)
        np.testing.assert_allclose(np.add(box, [0, 0.25, 0, 0.25]), moved_box, atol=1e-9)
        np.testing.assert_allclose((box[0] + box[2]) / 2, 0.5, atol=1 / SIZE / 8)
        assert not np.array_equal(image, moved)


def test_colours_and_texture_tell_nothing_of_the_class(monkeypatch):
    first, *others = (unpainted(monkeypatch, label, np.random.default_rng(5)) for label in range(8))
    for other in others:
        np.testing.assert_array_equal(first, other)
