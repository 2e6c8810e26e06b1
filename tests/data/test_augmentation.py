import itertools

import numpy as np
import pytest
import tensorflow as tf

from cnn.data.augmentation import PRESETS, Augmentation, augmenter
from cnn.errors import ConfigError

EVERYTHING = Augmentation(flip=True, shift=0.2, rotation=30, zoom=0.3, cutout=0.3)


def vary(settings, images, number=0, seed=0):
    return np.asarray(augmenter(settings, seed)(tf.constant(images), tf.constant(number, tf.int64)))


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def blobs(places, size=(41, 61)):
    """One image of soft round spots at the given (y, x)."""
    y, x = np.mgrid[: size[0], : size[1]]
    image = sum(200 * np.exp(-((y - at_y) ** 2 + (x - at_x) ** 2) / 8) for at_y, at_x in places)
    return image.astype(np.uint8)[None, :, :, None]


def centroids(images):
    """Centre of mass (N, 2) of single spots."""
    weights = images[..., 0].astype(float)
    y, x = np.mgrid[: images.shape[1], : images.shape[2]]
    total = weights.sum(axis=(1, 2))
    return np.stack([(weights * y).sum(axis=(1, 2)) / total, (weights * x).sum(axis=(1, 2)) / total], axis=1)


@pytest.mark.parametrize("settings", [*PRESETS.values(), EVERYTHING], ids=str)
@pytest.mark.parametrize("shape", [(5, 12, 20, 3), (1, 9, 7, 1)])
def test_pixels_stay_uint8_of_the_same_shape(settings, shape):
    varied = vary(settings, noise(*shape))
    assert varied.dtype == np.uint8
    assert varied.shape == shape


@pytest.mark.parametrize("settings", [PRESETS["light"], PRESETS["strong"], PRESETS["turned"], EVERYTHING], ids=str)
def test_seed_and_number_decide_every_variation(settings):
    images = noise(6, 16, 16, 3)
    function = augmenter(settings, seed=2**31 - 1)
    first = [np.asarray(function(tf.constant(images), tf.constant(n, tf.int64))) for n in (0, 1, 10**12)]
    again = [vary(settings, images, n, seed=2**31 - 1) for n in (10**12, 1, 0)][::-1]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], vary(settings, images, 0, seed=3))


def test_it_gives_the_same_inside_a_pipeline():
    images = noise(4, 10, 10, 3)
    numbers = tf.data.Dataset.range(3).map(lambda n: augmenter(EVERYTHING, 1)(tf.constant(images), n))
    for number, varied in enumerate(numbers):
        np.testing.assert_array_equal(varied, vary(EVERYTHING, images, number, seed=1))


def test_nothing_asked_is_nothing_done():
    images = noise(3, 8, 8, 3)
    assert not Augmentation().any()
    np.testing.assert_array_equal(vary(Augmentation(), images), images)


def test_half_of_the_images_are_mirrored():
    images = noise(1000, 4, 6, 1)
    varied = vary(Augmentation(flip=True), images)
    mirrored = (varied == images[:, :, ::-1]).all(axis=(1, 2, 3))
    kept = (varied == images).all(axis=(1, 2, 3))
    assert (mirrored ^ kept).all()
    assert 450 < mirrored.sum() < 550


def test_a_shift_moves_whole_pixels_and_mirrors_the_edge():
    image = noise(1, 8, 12, 3)
    varied = vary(Augmentation(shift=0.25), np.repeat(image, 500, axis=0))
    padded = np.pad(image[0], ((2, 2), (3, 3), (0, 0)), mode="reflect")
    possible = {padded[y : y + 8, x : x + 12].tobytes() for y, x in itertools.product(range(5), range(7))}
    assert {one.tobytes() for one in varied} == possible


def test_rotation_keeps_the_distance_from_the_middle_and_the_angle_within_its_limit():
    image = blobs([(20, 42)])
    moved = centroids(vary(Augmentation(rotation=40), np.repeat(image, 200, axis=0))) - (20, 30)
    np.testing.assert_allclose(np.hypot(*moved.T), 12, atol=0.15)
    angles = np.degrees(np.arctan2(moved[:, 0], moved[:, 1]))
    assert -40.5 < angles.min() < -36
    assert 36 < angles.max() < 40.5
    assert abs(angles.mean()) < 5


def test_zoom_changes_all_distances_alike_within_its_limit():
    images = np.concatenate([blobs([(20, 35)]), blobs([(26, 30)])])
    # The same number and place in the batch gets the same zoom, so two calls can be compared.
    right, down = (
        centroids(vary(Augmentation(zoom=0.5), np.repeat(images[i : i + 1], 200, axis=0))) - (20, 30) for i in (0, 1)
    )
    np.testing.assert_allclose(right[:, 0], 0, atol=0.15)
    np.testing.assert_allclose(down[:, 1], 0, atol=0.15)
    factors = right[:, 1] / 5
    np.testing.assert_allclose(down[:, 0] / 6, factors, atol=0.06)
    shown = 1 / factors
    assert 0.48 < shown.min() < 0.55
    assert 1.45 < shown.max() < 1.52


def test_cutout_greys_one_rectangle_of_at_most_its_size():
    images = np.full((300, 20, 10, 3), 7, np.uint8)
    varied = vary(Augmentation(cutout=0.4), images)
    assert set(np.unique(varied)) == {7, 128}
    whole = 0
    for grey in (varied[..., 0] == 128) & (varied == varied[..., :1]).all(axis=-1):
        rows, columns = np.flatnonzero(grey.any(axis=1)), np.flatnonzero(grey.any(axis=0))
        assert grey.sum() == len(rows) * len(columns) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert 4 <= len(rows) <= 8
        assert 2 <= len(columns) <= 4
        whole += len(rows) == 8 and len(columns) == 4
    assert 100 < whole < 300


@pytest.mark.parametrize(
    "settings",
    [{"shift": 0.6}, {"shift": -0.1}, {"rotation": 181}, {"zoom": 1}, {"cutout": float("nan")}, {"zoom": "0.1"}],
)
def test_an_impossible_amount_is_one_sentence(settings):
    (name, value), *_ = settings.items()
    with pytest.raises(ConfigError, match=f"Augmentation: {name} is {value}; choose a number from 0 to"):
        Augmentation(**settings)


def test_flip_is_yes_or_no():
    with pytest.raises(ConfigError, match="flip is 1"):
        Augmentation(flip=1)
