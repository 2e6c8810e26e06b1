"""The data set ``shapes`` as TFDS prepares it."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from cnn.data.builtin import shapes
from cnn.data.builtin.shape_drawing import NAMES, SIZE
from cnn.data.builtin.shapes import Shapes

pytestmark = pytest.mark.timeout(900)  # preparing all 10,000 images takes minutes on a busy machine


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
def prepare_first(monkeypatch, tmp_path):
    """Prepares only the first images of a config."""

    def prepare(config: str, train: int, test: int) -> dict[str, dict[str, np.ndarray]]:
        monkeypatch.setattr(shapes, "COUNTS", {"train": train, "test": test})
        builder = Shapes(config=config, data_dir=tmp_path)
        builder.download_and_prepare()
        return {split: read(builder, split) for split in ("train", "test")}

    return prepare


def test_counts_are_as_declared_and_classes_balanced(default):
    for split, count in (("train", 8000), ("test", 2000)):
        data = default[split]
        assert data["image"].shape == (count, 32, 32, 3)
        assert data["image"].dtype == np.uint8
        np.testing.assert_array_equal(np.bincount(data["label"]), np.full(8, count // 8))
        assert len(set(data["id"])) == count
    assert default["info"].features["label"].names == list(NAMES)
    assert "CC0" in default["info"].redistribution_info.license


def test_no_image_occurs_twice(default):
    images = [image.tobytes() for split in ("train", "test") for image in default[split]["image"]]
    assert len(set(images)) == 10_000


def test_objects_are_complete_and_large_enough(default):
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
        index_of = {identifier: index for index, identifier in enumerate(default[split]["id"])}
        same = [index_of[identifier] for identifier in again[split]["id"]]
        for key in ("image", "label", "bbox"):
            np.testing.assert_array_equal(again[split][key], default[split][key][same])


def test_left_right_trains_on_the_left_and_tests_on_the_right(prepare_first):
    variant = prepare_first("left_right", train=800, test=400)
    for split, low, high in (("train", 0, 0.5), ("test", 0.5, 1)):
        _, xmin, _, xmax = variant[split]["bbox"].T
        assert xmin.min() > low
        assert xmax.max() < high
        np.testing.assert_array_equal(np.bincount(variant[split]["label"]), np.full(8, len(xmin) // 8))
