"""Mixed images and labels against values computed independently, and the code shown for them."""

import zipfile
from io import BytesIO

import numpy as np
import pytest
import tensorflow as tf

from cnn.data.augmentation.mixing import layer_seed, mix_images, mixer
from cnn.keras_code.mixing import mixing_code
from pages.lessons.augmentation.variants import zip_images

LAYERS = {"MixUp": {"mix_up": 1.0, "cut_mix": 0.0}, "CutMix": {"mix_up": 0.0, "cut_mix": 1.0}}
BOTH = {"mix_up": 0.4, "cut_mix": 1.0}


def batch(count, *shape):
    """Images of noise, uint8, and one-hot labels of a class each."""
    return np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8), np.eye(count, dtype=np.float32)


def test_mixup_is_the_mean_of_two_images_that_their_labels_say():
    images, labels = batch(64, 6, 9, 3)
    mixed, fractions = mix_images(images, labels, **LAYERS["MixUp"], seed=3)
    assert mixed.dtype == np.uint8
    # Every image has a class of its own, so a row of fractions says how much of each image is in the mixture.
    np.testing.assert_allclose(mixed, np.tensordot(fractions, images.astype(float), 1), atol=0.51)
    assert set((fractions > 0).sum(axis=1)) <= {1, 2}
    np.testing.assert_allclose(fractions.sum(axis=1), 1, atol=1e-6)


def test_weights_of_mixup_have_the_spread_of_the_beta_distribution():
    images, labels = np.zeros((2000, 1, 1, 1), np.uint8), np.repeat(np.eye(2, dtype=np.float32), 1000, axis=0)
    for alpha in (0.2, 1.0):
        _, fractions = mix_images(images, labels, alpha, 0.0, seed=0)
        # Mixed with an image of the other class in half of the cases; the weight's variance is 1 / (4 (2 alpha + 1)).
        weights = fractions[:1000, 0][fractions[:1000, 1] > 0]
        assert 430 < len(weights) < 570
        assert weights.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.15)


def test_cutmix_puts_a_rectangle_of_another_image_into_one_and_its_area_into_the_label():
    values, labels = np.arange(0, 250, 5, dtype=np.uint8), np.eye(50, dtype=np.float32)
    images = np.broadcast_to(values[:, None, None, None], (50, 40, 60, 3))
    mixed, fractions = mix_images(images, labels, **LAYERS["CutMix"], seed=1)
    mixed_in = 0
    for number in range(50):
        assert (mixed[number] == mixed[number][..., :1]).all()
        foreign = mixed[number][..., 0] != values[number]
        if not foreign.any():
            continue
        mixed_in += 1
        (other,) = set(mixed[number][foreign].ravel().tolist())
        rows, columns = np.flatnonzero(foreign.any(axis=1)), np.flatnonzero(foreign.any(axis=0))
        assert foreign.sum() == len(rows) * len(columns) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        # The rectangle's edges lie between pixels, so its area differs by less than a row and a column.
        assert abs(fractions[number, other // 5] - foreign.mean()) < 1 / 40 + 1 / 60
        assert fractions[number].sum() == pytest.approx(1, abs=1e-6)
    assert mixed_in > 25


@pytest.mark.parametrize("amounts", [*LAYERS.values(), BOTH], ids=str)
@pytest.mark.parametrize("seed", [0, 2**31 - 1])
def test_seed_and_batch_number_determine_the_mixture(amounts, seed):
    images, labels = map(tf.constant, batch(6, 8, 8, 1))

    def mix(numbers, seed):
        dataset = tf.data.Dataset.from_tensor_slices(np.array(numbers, np.int64))
        mix_batch = mixer(**amounts, seed=seed)
        mapped = dataset.map(lambda number: mix_batch(images, labels, number))
        return [np.concatenate([part.numpy().ravel() for part in mixed]) for mixed in mapped]

    numbers = [0, 1, 10**7]
    first, backwards = mix(numbers, seed), mix(numbers[::-1], seed)[::-1]
    np.testing.assert_array_equal(first, backwards)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[1], first[2])
    assert not np.array_equal(first[0], mix([0], seed=5)[0])
    eager = mix_images(images.numpy(), labels.numpy(), **amounts, seed=seed)
    np.testing.assert_allclose(first[0], np.concatenate([part.ravel() for part in eager]), atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_code_shown_makes_the_same_mixtures(layer, channels, tmp_path, monkeypatch):
    images, _ = batch(5, 12, 14, channels)
    classes = [0, 2, 1, 2, 0]
    zipfile.ZipFile(BytesIO(zip_images(images, "image"))).extractall(tmp_path / "batch")
    monkeypatch.chdir(tmp_path)
    namespace = {}
    exec(mixing_code(layer, 1.0, classes, 3, layer_seed(layer, 7)), namespace)
    expected = mix_images(images, np.eye(3, dtype=np.float32)[classes], **LAYERS[layer], seed=7)
    np.testing.assert_array_equal(namespace["pictures"], expected[0])
    np.testing.assert_allclose(np.asarray(namespace["mixed"]["labels"]), expected[1], atol=1e-6)
