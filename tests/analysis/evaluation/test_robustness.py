"""Disturbances beside independent ones, and a study counted again by hand."""

import numpy as np
import pytest
from PIL import Image
from scipy.signal import convolve2d

from cnn.analysis import studies
from cnn.analysis.evaluation.robustness import DISTURBANCES, disturb, sampled_indices
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.progress import Stopped

RANDOM = np.random.default_rng(5)
IMAGES = RANDOM.integers(0, 256, (3, 32, 32, 3), np.uint8)


@pytest.mark.parametrize("name", DISTURBANCES)
def test_strength_zero_is_the_image_itself_and_more_is_further_away(name: str) -> None:
    each = DISTURBANCES[name]
    assert list(each.strengths) == sorted(set(each.strengths))
    np.testing.assert_array_equal(disturb(IMAGES, name, 0), IMAGES)
    smooth = np.broadcast_to(np.linspace(0, 255, 32).astype(np.uint8)[None, :, None, None], (1, 32, 32, 1))
    smooth = (smooth // 2 + smooth.transpose(0, 2, 1, 3) // 3).astype(np.uint8)
    changes = [np.abs(disturb(smooth, name, strength).astype(int) - smooth).mean() for strength in each.strengths]
    zero = each.strengths.index(0)
    assert changes[zero:] == sorted(changes[zero:])
    assert changes[: zero + 1] == sorted(changes[: zero + 1], reverse=True)
    assert disturb(IMAGES, name, each.strengths[-1]).dtype == np.uint8


def test_noise_has_its_spread_and_is_the_same_again() -> None:
    grey = np.full((4, 64, 64, 3), 128, np.uint8)
    noisy = disturb(grey, "noise", 20, seed=1)
    assert np.std(noisy.astype(float)) == pytest.approx(20, rel=0.03)
    np.testing.assert_array_equal(noisy, disturb(grey, "noise", 20, seed=1))
    assert (noisy != disturb(grey, "noise", 20, seed=2)).any()


def test_blur_is_a_convolution_with_a_bell() -> None:
    reach = np.arange(-4, 5)
    bell = np.exp(-(reach**2) / 2)
    bell /= bell.sum()
    expected = convolve2d(np.pad(IMAGES[0, ..., 1].astype(float), 4, "edge"), np.outer(bell, bell), "valid")
    np.testing.assert_allclose(disturb(IMAGES, "blur", 1)[0, ..., 1], expected, atol=0.51)
    large = np.repeat(np.repeat(IMAGES, 3, axis=1), 3, axis=2)
    assert disturb(large, "blur", 1).std() == pytest.approx(disturb(IMAGES, "blur", 1).std(), rel=0.15)


def test_brightness_is_added_and_cut_off() -> None:
    expected = np.clip(IMAGES.astype(int) - 100, 0, 255)
    np.testing.assert_array_equal(disturb(IMAGES, "brightness", -100), expected)


def test_turning_goes_to_the_left_and_is_pillows() -> None:
    np.testing.assert_array_equal(disturb(IMAGES, "rotation", 90), np.rot90(IMAGES, axes=(1, 2)))
    turned = Image.fromarray(IMAGES[0]).rotate(30, Image.Resampling.BILINEAR)
    inside = slice(12, 20)  # further out Pillow leaves black what this repeats
    ours = disturb(IMAGES, "rotation", 30)[0][inside, inside].astype(int)
    assert np.abs(ours - np.asarray(turned)[inside, inside]).max() <= 3


def test_moving_repeats_the_edge_and_goes_further_on_a_larger_image() -> None:
    moved = disturb(IMAGES, "shift", 3)
    np.testing.assert_array_equal(moved[:, :, 3:], IMAGES[:, :, :-3])
    np.testing.assert_array_equal(moved[:, :, :3], np.repeat(IMAGES[:, :, :1], 3, axis=2))
    large = np.repeat(np.repeat(IMAGES, 2, axis=1), 2, axis=2)
    np.testing.assert_array_equal(disturb(large, "shift", 3)[:, :, 6:], large[:, :, :-6])


def test_at_most_a_thousand_images_are_asked_about_evenly() -> None:
    np.testing.assert_array_equal(sampled_indices(360), np.arange(360))
    chosen = sampled_indices(10_000)
    assert len(set(chosen.tolist())) == 1_000
    assert (chosen[0], chosen[-1]) == (0, 9_999)


def test_the_study_counts_what_a_straightforward_loop_counts(digits, tmp_path) -> None:
    card = store.card("digits-tutorial")
    events: list[dict] = []
    asked = {"model": card.id, "study": "robustness", "settings": {}}
    studies.run_job(tmp_path, asked, events.append, lambda: False)
    found = studies.result(card, "robustness", {})
    assert found is not None
    assert int(found["count"]) == 360
    test = catalog.load("digits", "test")
    predict = predictor(store.load(card.id))
    for name in ("rotation", "brightness", "shift", "blur"):
        expected = [
            int((predict(disturb(test.take(range(360)), name, strength)).argmax(axis=1) == test.labels).sum())
            for strength in DISTURBANCES[name].strengths
        ]
        assert found[name].tolist() == expected
    for name, each in DISTURBANCES.items():
        assert int(found[name][each.strengths.index(0)]) == card.test[0]
        assert found[name].min() < card.test[0]
    assert events[0]["type"] == "progress"
    assert events[-1]["done"] <= events[-1]["total"] == 360 * sum(len(each.strengths) for each in DISTURBANCES.values())


def test_it_stops(digits, tmp_path) -> None:
    asked = {"model": "digits-tutorial", "study": "robustness", "settings": {}}
    with pytest.raises(Stopped):
        studies.run_job(tmp_path, asked, lambda event: None, lambda: True)
    assert studies.result(store.card("digits-tutorial"), "robustness", {}) is None
