"""Integrated gradients against an integral of our own, and the property that gives them their sense: they add up."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn.analysis.attribution.integrated_gradients import FIRST_STEPS, LARGEST_GAP, integrated_gradients
from cnn.analysis.attribution.score import most_gradients
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.errors import ModelError
from cnn.model import store
from tests.analysis.attribution.test_gradients import network, of_floats


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    return np.stack([fit_to(load_photo(name), (32, 32, 3)) for name in ("temple", "flower")])


def integral(model: keras.Model, image: np.ndarray, score, steps: int = 512) -> np.ndarray:
    """Integrated gradients of an image (H, W, C) from black, by the midpoint rule: (H, W)."""
    copy, pixels = of_floats(model), image.astype(np.float32)
    total = np.zeros(image.shape)
    for fractions in np.split((np.arange(steps, dtype=np.float32) + 0.5) / steps, steps // 64):
        x = tf.constant(fractions[:, None, None, None] * pixels)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = score(copy(x, training=False))
        total += tape.gradient(value, x).numpy().sum(axis=0)
    return (pixels * total / steps).sum(axis=2)


def test_on_a_residual_network_they_add_up_to_what_the_score_gained(photos):
    model = store.load("cifar10-resnet")
    for class_index in (3, 8):
        result = integrated_gradients(model)(photos, class_index)
        black, *scores = np.asarray(model(np.concatenate([photos[:1] * 0, photos])))[:, class_index]
        np.testing.assert_allclose(result.gains, scores - black, atol=1e-3)
        np.testing.assert_allclose(result.maps.sum(axis=(1, 2)), scores - black, rtol=LARGEST_GAP)
        assert (result.gaps <= LARGEST_GAP).all()
        for image, map, steps in zip(photos, result.maps, result.steps, strict=True):
            assert FIRST_STEPS <= steps <= most_gradients(model)
            expected = integral(model, image, lambda logits, index=class_index: logits[:, index])
            assert np.corrcoef(map.ravel(), expected.ravel())[0, 1] > 0.95


def test_with_one_logit_they_add_up_for_both_classes():
    model = network(1)
    images = np.random.default_rng(1).integers(0, 256, (2, 16, 16, 3), np.uint8)
    logits = np.asarray(model(np.concatenate([images[:1] * 0, images])))[:, 0]
    for class_index, sign in ((1, 1), (0, -1)):
        result = integrated_gradients(model)(images, class_index)
        np.testing.assert_allclose(result.gains, sign * (logits[1:] - logits[0]), atol=1e-5)
        np.testing.assert_allclose(result.maps.sum(axis=(1, 2)), result.gains, rtol=LARGEST_GAP)
        for image, map in zip(images, result.maps, strict=True):
            expected = integral(model, image, lambda logits, sign=sign: sign * logits[:, 0])
            np.testing.assert_allclose(map, expected, atol=0.02 * np.abs(expected).max())


def test_the_gap_that_is_left_at_the_limit_is_given(photos, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cnn.analysis.attribution.integrated_gradients.most_gradients", lambda model: FIRST_STEPS)
    model = store.load("cifar10-resnet")
    result = integrated_gradients(model)(photos, 3)
    assert result.steps.tolist() == [FIRST_STEPS] * 2
    scores = np.asarray(model(photos))[:, 3] - np.asarray(model(photos * 0))[:, 3]
    expected = np.abs(result.maps.sum(axis=(1, 2)) - scores) / np.abs(scores)
    np.testing.assert_allclose(result.gaps, expected, atol=1e-3)
    assert result.gaps.max() > LARGEST_GAP


def test_other_images_and_classes_are_refused(photos):
    integrate = integrated_gradients(store.load("cifar10-tutorial"))
    with pytest.raises(ModelError, match="Resize them first"):
        integrate(photos[:, :30], 0)
    with pytest.raises(ModelError, match="there is no class 10"):
        integrate(photos, 10)
