"""SmoothGrad against a mean of our own over other noise, which also shows whether its reliability is what it says."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tf_keras_vis.saliency import Saliency

from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.attribution.score import most_gradients
from cnn.analysis.attribution.smooth_gradients import (
    FIRST_SAMPLES,
    LEAST_RELIABILITY,
    smooth_gradients,
    split_half_reliability,
)
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.model import store
from tests.analysis.attribution.test_gradients import correlation, of_floats, tf_keras_vis

NETWORKS = ("cifar10-tutorial", "cifar10-resnet")


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    return np.stack([fit_to(load_photo(name), (32, 32, 3)) for name in ("temple", "flower")])


def mean_gradient(model: keras.Model, image: np.ndarray, class_index: int, samples: int, seed: int) -> np.ndarray:
    """The size of the mean gradient of noisy copies of an image (H, W, C) with noise of 15 % of its range: (H, W)."""
    pixels = image.astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, 0.15 * np.ptp(pixels), (samples, *image.shape))
    x = tf.constant(pixels + noise, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = of_floats(model)(x, training=False)[:, class_index]
    return np.abs(tape.gradient(value, x).numpy().mean(axis=0)).max(axis=2)


@pytest.mark.parametrize("id", NETWORKS)
def test_other_noise_gives_a_map_as_alike_as_was_said(id: str, photos):
    model = store.load(id)
    result = smooth_gradients(model)(photos, 5)
    for index, image in enumerate(photos):
        reliability, samples = result.reliabilities[index], int(result.samples[index])
        assert reliability >= LEAST_RELIABILITY or 2 * samples > most_gradients(model)
        other = mean_gradient(model, image, 5, samples, seed=1)
        assert correlation(result.maps[index], other) == pytest.approx(reliability, abs=0.05)


def test_of_few_samples_the_reliability_is_low_and_true(photos, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cnn.analysis.attribution.smooth_gradients.most_gradients", lambda model: FIRST_SAMPLES)
    model = store.load("cifar10-resnet")
    result = smooth_gradients(model)(photos, 5)
    assert result.samples.tolist() == [FIRST_SAMPLES] * 2
    for index, image in enumerate(photos):
        runs = [mean_gradient(model, image, 5, FIRST_SAMPLES, seed) for seed in range(1, 7)]
        measured = np.mean([correlation(result.maps[index], run) for run in runs])
        assert measured < LEAST_RELIABILITY
        assert result.reliabilities[index] == pytest.approx(measured, abs=0.1)


def test_it_correlates_with_tf_keras_vis_more_than_the_plain_gradient_does(photos):
    model = store.load("cifar10-tutorial")
    ours = attribution(model, "smooth")(photos, 5)
    settings = {"smooth_samples": 24, "smooth_noise": 0.15, "keepdims": True, "normalize_map": False}
    theirs = np.abs(tf_keras_vis(model, Saliency, photos, 5, **settings)).max(axis=-1)
    gradients = attribution(model, "gradient")(photos, 5)
    for our_map, their_map, gradient in zip(ours, theirs, gradients, strict=True):
        assert correlation(our_map, their_map) > max(0.5, correlation(gradient, their_map))
    np.testing.assert_array_equal(ours, attribution(model, "smooth")(photos, 5))


def test_split_half_reliability_by_hand():
    first, second = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 3.0], [4.0, 2.0]])
    # Deviations -1.5 -0.5 0.5 1.5 and -1.5 0.5 1.5 -0.5: r = (2.25 - 0.25 + 0.75 - 0.75) / 5 = 0.4.
    assert split_half_reliability(first, second) == pytest.approx(2 * 0.4 / 1.4)
    assert split_half_reliability(first, -first) == pytest.approx(-1)
    assert split_half_reliability(first, first * 0) == 0
    assert split_half_reliability(first * 0, first * 0) == 1
