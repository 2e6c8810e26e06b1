"""Shape, determinism and strength of augmented batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn.data.augmentation.augmenter import augment_images, augmenter
from cnn.data.augmentation.settings import LIMITS, PRESETS, Augmentation, scale_strength

EVERYTHING = Augmentation(
    flip=True,
    shift=0.2,
    rotation=30,
    zoom=0.3,
    cutout=0.3,
    flip_vertical=True,
    shear=10,
    brightness=0.2,
    contrast=0.3,
    saturation=0.4,
    noise=0.05,
    rand_augment=0.3,
    fill="black",
)


def augment(settings, images, batch_number=0, seed=0):
    return np.asarray(augmenter(settings, seed)(tf.constant(images), tf.constant(batch_number, tf.int64)))


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("settings", [*PRESETS.values(), EVERYTHING], ids=str)
@pytest.mark.parametrize("shape", [(5, 12, 20, 3), (1, 9, 7, 1)])
def test_shape_and_dtype_are_preserved(settings, shape):
    augmented = augment(settings, noise(*shape))
    assert augmented.dtype == np.uint8
    assert augmented.shape == shape


@pytest.mark.parametrize(
    "settings", [PRESETS["light"], PRESETS["strong"], PRESETS["turned"], PRESETS["rand-augment"], EVERYTHING], ids=str
)
def test_seed_and_batch_number_determine_every_draw(settings):
    images = noise(6, 16, 16, 3)
    function = augmenter(settings, seed=2**31 - 1)
    first = [np.asarray(function(tf.constant(images), tf.constant(n, tf.int64))) for n in (0, 1, 10**12)]
    again = [augment(settings, images, n, seed=2**31 - 1) for n in (10**12, 1, 0)][::-1]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], augment(settings, images, 0, seed=3))


def test_a_pipeline_gives_the_same_result():
    images = noise(4, 10, 10, 3)
    function = augmenter(EVERYTHING, 1)
    batches = tf.data.Dataset.range(3).map(lambda n: function(tf.constant(images), n))
    for batch_number, batch in enumerate(batches):
        np.testing.assert_array_equal(batch, augment(EVERYTHING, images, batch_number, seed=1))


def test_default_settings_change_nothing():
    images = noise(3, 8, 8, 3)
    assert not Augmentation().any()
    assert not scale_strength(EVERYTHING, 0).any()
    np.testing.assert_array_equal(augment(Augmentation(), images), images)


@pytest.mark.parametrize("name", LIMITS)
def test_a_larger_limit_changes_the_same_image_more(name):
    image = noise(1, 16, 16, 3)
    steps = [
        augment_images(image, Augmentation(**{name: LIMITS[name] * fraction}), 5) for fraction in (0, 0.25, 0.5, 1)
    ]
    np.testing.assert_array_equal(steps[0], image)
    changes = [float(np.abs(step.astype(int) - image).mean()) for step in steps]
    if name in ("brightness", "contrast", "saturation", "noise", "cutout"):
        assert changes == sorted(changes)
    again = augment_images(image, Augmentation(**{name: LIMITS[name]}), 5)
    np.testing.assert_array_equal(again, steps[-1])


def test_rand_augment_is_keras_own_layer_at_the_step_of_the_batch():
    images = noise(6, 16, 16, 3)
    layer = keras.layers.RandAugment(factor=0.4, seed=7 * 16 + 12)
    for step in (0, 1, 5):
        layer.generator.state.assign([layer.seed, 64 * step])
        expected = np.asarray(layer(images)).round().clip(0, 255).astype(np.uint8)
        assert int(layer.generator.state[1]) <= 64 * (step + 1)  # no two steps share a draw
        np.testing.assert_array_equal(augment(Augmentation(rand_augment=0.4), images, step, seed=7), expected)


def test_variants_of_rand_augment_show_changes_of_more_than_one_batch():
    image = noise(1, 16, 16, 3)
    settings = Augmentation(rand_augment=0.4)
    shown = augment_images(np.repeat(image, 12, axis=0), settings, seed=1)
    for number in (0, 1):
        batch = np.repeat(image, 6, axis=0)
        np.testing.assert_array_equal(shown[6 * number : 6 * number + 6], augment(settings, batch, number, seed=1))
