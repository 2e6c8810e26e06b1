"""The data set ``digits`` against scikit-learn's originals."""

import numpy as np
import pytest
import tensorflow_datasets as tfds
from scipy.ndimage import map_coordinates
from sklearn.datasets import load_digits

from cnn.data.builtin.digits import Digits, enlarge, split_indices


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    builder = Digits(data_dir=tmp_path_factory.mktemp("digits"))
    builder.download_and_prepare()
    assert builder.info.features["label"].names == [str(digit) for digit in range(10)]
    assert "CC BY 4.0" in builder.info.redistribution_info.license
    assert "Kaynak" in builder.info.citation
    read = {}
    for split in ("train", "test"):
        examples = list(tfds.as_numpy(builder.as_dataset(split=split)))
        read[split] = np.stack([e["image"] for e in examples]), np.array([e["label"] for e in examples])
    return read


def image_set(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def test_every_scikit_learn_digit_is_in_exactly_one_split(splits):
    (train, train_labels), (test, test_labels) = splits["train"], splits["test"]
    assert train.shape == (1437, 32, 32, 1)
    assert test.shape == (360, 32, 32, 1)
    assert train.dtype == test.dtype == np.uint8
    assert len(image_set(train) | image_set(test)) == 1797
    total = np.bincount(train_labels) + np.bincount(test_labels)
    np.testing.assert_array_equal(total, np.bincount(load_digits().target))


def test_a_fifth_of_each_class_is_in_the_test_split(splits):
    fractions = np.bincount(splits["test"][1]) / np.bincount(load_digits().target)
    np.testing.assert_allclose(fractions, 0.2, atol=0.005)


@pytest.mark.parametrize("split", ["train", "test"])
def test_each_image_has_the_label_of_its_scikit_learn_digit(splits, split):
    digits = load_digits()
    label_of = {enlarge(image).tobytes(): label for image, label in zip(digits.images, digits.target, strict=True)}
    images, labels = splits[split]
    assert [label_of[image.tobytes()] for image in images] == labels.tolist()


def test_enlarging_interpolates_linearly_between_pixel_centres():
    positions = (np.arange(32) + 0.5) / 4 - 0.5
    grid = np.meshgrid(positions, positions, indexing="ij")
    for counts in load_digits().images[::50]:
        expected = map_coordinates(counts * 255 / 16, grid, order=1, mode="nearest")
        np.testing.assert_allclose(enlarge(counts)[..., 0], expected, atol=2)


def test_split_is_deterministic():
    first, second = split_indices(), split_indices()
    for split in ("train", "test"):
        np.testing.assert_array_equal(first[split], second[split])
