"""Disturbances against independent implementations, the study against a plain loop, losses by hand."""

import numpy as np
import pytest
from PIL import Image
from scipy.signal import convolve2d

from cnn.analysis import studies
from cnn.analysis.evaluation.robustness import (
    DISTURBANCES,
    AccuracyLoss,
    disturb,
    largest_loss,
    losses_differ,
    sampled_indices,
)
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.progress import Stopped

RANDOM = np.random.default_rng(5)
IMAGES = RANDOM.integers(0, 256, (3, 32, 32, 3), np.uint8)


@pytest.mark.parametrize("name", DISTURBANCES)
def test_strength_zero_is_the_identity_and_larger_strengths_change_more(name: str) -> None:
    strengths = DISTURBANCES[name].strengths
    assert list(strengths) == sorted(set(strengths))
    np.testing.assert_array_equal(disturb(IMAGES, name, 0), IMAGES)
    smooth = np.broadcast_to(np.linspace(0, 255, 32).astype(np.uint8)[None, :, None, None], (1, 32, 32, 1))
    smooth = (smooth // 2 + smooth.transpose(0, 2, 1, 3) // 3).astype(np.uint8)
    changes = [np.abs(disturb(smooth, name, strength).astype(int) - smooth).mean() for strength in strengths]
    zero = strengths.index(0)
    assert changes[zero:] == sorted(changes[zero:])
    assert changes[: zero + 1] == sorted(changes[: zero + 1], reverse=True)
    assert disturb(IMAGES, name, strengths[-1]).dtype == np.uint8


def test_noise_has_its_standard_deviation_and_is_reproducible() -> None:
    grey = np.full((4, 64, 64, 3), 128, np.uint8)
    noisy = disturb(grey, "noise", 20, seed=1)
    assert np.std(noisy.astype(float)) == pytest.approx(20, rel=0.03)
    np.testing.assert_array_equal(noisy, disturb(grey, "noise", 20, seed=1))
    assert (noisy != disturb(grey, "noise", 20, seed=2)).any()


def test_blur_is_a_convolution_with_a_gaussian() -> None:
    offsets = np.arange(-4, 5)
    gaussian = np.exp(-(offsets**2) / 2)
    gaussian /= gaussian.sum()
    expected = convolve2d(np.pad(IMAGES[0, ..., 1].astype(float), 4, "edge"), np.outer(gaussian, gaussian), "valid")
    np.testing.assert_allclose(disturb(IMAGES, "blur", 1)[0, ..., 1], expected, atol=0.51)
    large = np.repeat(np.repeat(IMAGES, 3, axis=1), 3, axis=2)
    assert disturb(large, "blur", 1).std() == pytest.approx(disturb(IMAGES, "blur", 1).std(), rel=0.15)


def test_brightness_is_added_and_clipped() -> None:
    expected = np.clip(IMAGES.astype(int) - 100, 0, 255)
    np.testing.assert_array_equal(disturb(IMAGES, "brightness", -100), expected)


def test_rotation_is_anticlockwise_and_matches_pillow() -> None:
    np.testing.assert_array_equal(disturb(IMAGES, "rotation", 90), np.rot90(IMAGES, axes=(1, 2)))
    rotated = Image.fromarray(IMAGES[0]).rotate(30, Image.Resampling.BILINEAR)
    inside = slice(12, 20)  # further out Pillow leaves black where ours repeats the edge
    ours = disturb(IMAGES, "rotation", 30)[0][inside, inside].astype(int)
    assert np.abs(ours - np.asarray(rotated)[inside, inside]).max() <= 3


def test_shift_repeats_the_edge_and_scales_with_the_image() -> None:
    shifted = disturb(IMAGES, "shift", 3)
    np.testing.assert_array_equal(shifted[:, :, 3:], IMAGES[:, :, :-3])
    np.testing.assert_array_equal(shifted[:, :, :3], np.repeat(IMAGES[:, :, :1], 3, axis=2))
    large = np.repeat(np.repeat(IMAGES, 2, axis=1), 2, axis=2)
    np.testing.assert_array_equal(disturb(large, "shift", 3)[:, :, 6:], large[:, :, :-6])


def test_at_most_a_thousand_evenly_spaced_images_are_sampled() -> None:
    np.testing.assert_array_equal(sampled_indices(360), np.arange(360))
    indices = sampled_indices(10_000)
    assert len(set(indices.tolist())) == 1_000
    assert (indices[0], indices[-1]) == (0, 9_999)


def test_the_study_counts_what_a_plain_loop_counts(digits, tmp_path) -> None:
    card = store.card("digits-tutorial")
    events: list[dict] = []
    job_settings = {"model": card.id, "study": "robustness", "settings": {}}
    studies.run_job(tmp_path, job_settings, events.append, lambda: False)
    result = studies.result(card, "robustness", {})
    assert result is not None
    assert int(result["count"]) == 360
    for name in DISTURBANCES:
        np.testing.assert_array_equal(result[f"{name} right"].sum(axis=1), result[name])
    test = catalog.load("digits", "test")
    predict = predictor(store.load(card.id))
    for name in ("rotation", "brightness", "shift", "blur"):
        expected = [
            int((predict(disturb(test.take(range(360)), name, strength)).argmax(axis=1) == test.labels).sum())
            for strength in DISTURBANCES[name].strengths
        ]
        assert result[name].tolist() == expected
    for name, disturbance in DISTURBANCES.items():
        assert int(result[name][disturbance.strengths.index(0)]) == card.test[0]
        assert result[name].min() < card.test[0]
    assert events[0]["type"] == "progress"
    assert events[-1]["done"] <= events[-1]["total"] == 360 * sum(len(one.strengths) for one in DISTURBANCES.values())


def test_the_largest_loss_is_at_the_strength_with_the_fewest_correct_predictions() -> None:
    # The strengths of the shift are -10, -6, -3, 0, 3, 6 and 10.
    right = np.arange(1000) < np.array([[500], [600], [800], [900], [700], [450], [480]])
    loss = largest_loss("shift", right)
    assert loss.strength == 6
    assert (loss.undisturbed.sum(), loss.worst.sum()) == (900, 450)
    assert loss.fraction == pytest.approx(0.45)
    np.testing.assert_array_equal(np.bincount(loss.by_image), [550, 450])


def lost_images(lost: slice) -> AccuracyLoss:
    """A network that is right on all of 1,000 images, until the disturbance takes some of them."""
    worst = np.ones(1000, bool)
    worst[lost] = False
    return AccuracyLoss(np.ones(1000, bool), worst, 60)


def test_losses_are_compared_image_by_image() -> None:
    # 10 of 1,000 images are lost by one network alone: t = 0.01 / sqrt(0.01 * 0.99 / 999) = 3.2, where intervals that
    # leave the pairs out (300 against 310, 2 * 0.0147) could not tell them apart.
    assert losses_differ(lost_images(slice(300)), lost_images(slice(310)))
    assert losses_differ(lost_images(slice(310)), lost_images(slice(300)))
    # As many lost more, but on other images: 300 against 310 that have none in common.
    assert not losses_differ(lost_images(slice(300)), lost_images(slice(400, 710)))
    assert not losses_differ(lost_images(slice(3)), lost_images(slice(5)))
    assert not losses_differ(lost_images(slice(300)), lost_images(slice(300)))


def test_most_random_networks_of_equal_loss_are_not_told_apart() -> None:
    random = np.random.default_rng(0)
    told_apart = [
        losses_differ(
            *(AccuracyLoss(random.random(500) < 0.9, random.random(500) < 0.6, 60) for _ in range(2))  # equally good
        )
        for _ in range(400)
    ]
    assert 0.02 < np.mean(told_apart) < 0.09


def test_it_stops(digits, tmp_path) -> None:
    job_settings = {"model": "digits-tutorial", "study": "robustness", "settings": {}}
    with pytest.raises(Stopped):
        studies.run_job(tmp_path, job_settings, lambda event: None, lambda: True)
    assert studies.result(store.card("digits-tutorial"), "robustness", {}) is None
