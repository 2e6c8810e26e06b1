"""Each step of the augmentation against values computed independently."""

import itertools

import numpy as np
import pytest

from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.settings import PRESETS, Augmentation


def augment(settings, images):
    return augment_images(images, settings, seed=0)


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def blobs(centres, size=(41, 61)):
    """One image of soft round spots centred at the given (y, x)."""
    y, x = np.mgrid[: size[0], : size[1]]
    image = sum(200 * np.exp(-((y - at_y) ** 2 + (x - at_x) ** 2) / 8) for at_y, at_x in centres)
    return image.astype(np.uint8)[None, :, :, None]


def centroids(images):
    """Centre of mass (N, 2) of single spots."""
    weights = images[..., 0].astype(float)
    y, x = np.mgrid[: images.shape[1], : images.shape[2]]
    total = weights.sum(axis=(1, 2))
    return np.stack([(weights * y).sum(axis=(1, 2)) / total, (weights * x).sum(axis=(1, 2)) / total], axis=1)


def test_half_of_the_images_are_mirrored_horizontally():
    images = noise(1000, 4, 6, 1)
    augmented = augment(Augmentation(flip=True), images)
    mirrored = (augmented == images[:, :, ::-1]).all(axis=(1, 2, 3))
    kept = (augmented == images).all(axis=(1, 2, 3))
    assert (mirrored ^ kept).all()
    assert 450 < mirrored.sum() < 550


def test_shift_moves_by_whole_pixels_and_mirrors_at_the_edge():
    image = noise(1, 8, 12, 3)
    augmented = augment(Augmentation(shift=0.25), np.repeat(image, 500, axis=0))
    padded = np.pad(image[0], ((2, 2), (3, 3), (0, 0)), mode="reflect")
    possible = {padded[y : y + 8, x : x + 12].tobytes() for y, x in itertools.product(range(5), range(7))}
    assert {image.tobytes() for image in augmented} == possible


def test_rotation_keeps_the_distance_from_the_centre_and_the_angle_within_its_limit():
    image = blobs([(20, 42)])
    moved = centroids(augment(Augmentation(rotation=40), np.repeat(image, 200, axis=0))) - (20, 30)
    np.testing.assert_allclose(np.hypot(*moved.T), 12, atol=0.15)
    angles = np.degrees(np.arctan2(moved[:, 0], moved[:, 1]))
    assert -40.5 < angles.min() < -36
    assert 36 < angles.max() < 40.5
    assert abs(angles.mean()) < 5


def test_zoom_scales_all_distances_equally_within_its_limit():
    images = np.concatenate([blobs([(20, 35)]), blobs([(26, 30)])])
    # The same batch number and position get the same zoom, so two calls can be compared.
    right, down = (
        centroids(augment(Augmentation(zoom=0.5), np.repeat(images[i : i + 1], 200, axis=0))) - (20, 30) for i in (0, 1)
    )
    np.testing.assert_allclose(right[:, 0], 0, atol=0.15)
    np.testing.assert_allclose(down[:, 1], 0, atol=0.15)
    factors = right[:, 1] / 5
    np.testing.assert_allclose(down[:, 0] / 6, factors, atol=0.06)
    visible = 1 / factors
    assert 0.48 < visible.min() < 0.55
    assert 1.45 < visible.max() < 1.52


def test_stretch_zooms_height_and_width_independently_as_the_tutorials_generator_does():
    images = np.repeat(blobs([(30, 45)]), 1000, axis=0)
    visible = np.array([10, 15]) / (centroids(augment(Augmentation(zoom=0.2, stretch=True), images)) - (20, 30))
    assert 0.79 < visible.min() < 0.82 and 1.18 < visible.max() < 1.21
    assert abs(np.corrcoef(visible.T)[0, 1]) < 0.1
    aspect = visible[:, 1] / visible[:, 0]
    drawn = np.random.default_rng(0).uniform(0.8, 1.2, (100_000, 2))
    expected = np.mean(np.abs(drawn[:, 1] / drawn[:, 0] - 1) > 0.1)
    assert abs(np.mean(np.abs(aspect - 1) > 0.1) - expected) < 0.05
    assert PRESETS["tutorial"].stretch and not any(PRESETS[name].stretch for name in PRESETS if name != "tutorial")


def test_cutout_greys_one_rectangle_no_larger_than_the_setting():
    images = np.full((300, 20, 10, 3), 7, np.uint8)
    augmented = augment(Augmentation(cutout=0.4), images)
    assert set(np.unique(augmented)) == {7, 128}
    whole = 0
    for grey in (augmented[..., 0] == 128) & (augmented == augmented[..., :1]).all(axis=-1):
        rows, columns = np.flatnonzero(grey.any(axis=1)), np.flatnonzero(grey.any(axis=0))
        assert grey.sum() == len(rows) * len(columns) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert 4 <= len(rows) <= 8
        assert 2 <= len(columns) <= 4
        whole += len(rows) == 8 and len(columns) == 4
    assert 100 < whole < 300


def test_half_of_the_images_are_mirrored_vertically():
    images = noise(1000, 6, 4, 1)
    augmented = augment(Augmentation(flip_vertical=True), images)
    mirrored = (augmented == images[:, ::-1]).all(axis=(1, 2, 3))
    assert (mirrored ^ (augmented == images).all(axis=(1, 2, 3))).all()
    assert 450 < mirrored.sum() < 550


@pytest.mark.parametrize(("fill", "mode"), [("nearest", "edge"), ("wrap", "wrap"), ("black", "constant")])
def test_fill_decides_the_pixels_from_outside(fill, mode):
    image = noise(1, 8, 12, 3)
    augmented = augment(Augmentation(shift=0.25, fill=fill), np.repeat(image, 500, axis=0))
    padded = np.pad(image[0], ((2, 2), (3, 3), (0, 0)), mode=mode)
    possible = {padded[y : y + 8, x : x + 12].tobytes() for y, x in itertools.product(range(5), range(7))}
    assert {image.tobytes() for image in augmented} == possible


def test_shear_shifts_rows_in_proportion_to_their_height_within_its_limit():
    images = np.concatenate([blobs([(10, 30)]), blobs([(30, 30)])])
    up, down = (
        centroids(augment(Augmentation(shear=30), np.repeat(images[i : i + 1], 200, axis=0))) - (20, 30) for i in (0, 1)
    )
    np.testing.assert_allclose(up[:, 0], -10, atol=0.15)
    np.testing.assert_allclose(up[:, 1], -down[:, 1], atol=0.15)
    angles = np.degrees(np.arctan(down[:, 1] / 10))
    assert -31 < angles.min() < -26
    assert 26 < angles.max() < 31


def test_brightness_contrast_and_saturation_match_hand_computed_values():
    flat = np.full((400, 3, 3, 3), 100, np.uint8)
    bright = augment(Augmentation(brightness=0.2), flat).astype(int)
    assert (bright == bright[:, :1, :1, :1]).all()
    assert 49 <= bright.min() < 55
    assert 145 < bright.max() <= 151
    np.testing.assert_array_equal(augment(Augmentation(contrast=0.5), flat), flat)  # it has no contrast
    two = np.tile(np.array([60, 140], np.uint8)[None, :, None, None], (400, 1, 2, 1))
    far = augment(Augmentation(contrast=0.5), two).astype(int)
    np.testing.assert_allclose(far.mean(axis=(1, 2, 3)), 100, atol=0.51)
    spread = (far[:, 1, 0, 0] - far[:, 0, 0, 0]) / 80
    assert 0.49 < spread.min() < 0.55
    assert 1.45 < spread.max() < 1.51
    np.testing.assert_array_equal(augment(Augmentation(saturation=1), flat), flat)  # grey stays grey
    red = np.tile(np.array([200, 50, 50], np.uint8), (400, 2, 2, 1))
    luma = 0.299 * 200 + 0.701 * 50
    colour = (augment(Augmentation(saturation=0.5), red)[:, 0, 0, 0].astype(float) - luma) / (200 - luma)
    assert 0.49 < colour.min() < 0.55
    assert 1.45 < colour.max() < 1.52


def test_noise_has_the_set_standard_deviation_and_differs_between_images():
    augmented = augment(Augmentation(noise=0.1), np.full((20, 40, 40, 3), 128, np.uint8)).astype(float)
    assert augmented.std() == pytest.approx(25.5, rel=0.03)
    assert abs(augmented.mean() - 128) < 0.5
    assert not np.array_equal(augmented[0], augmented[1])
