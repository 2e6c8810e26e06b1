import itertools

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from cnn.data.augmentation.augmenter import augment_images, augmenter
from cnn.data.augmentation.settings import LIMITS, PRESETS, Augmentation, scale_strength
from cnn.errors import ConfigError
from cnn.keras_code.augmentation import variants_code

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
    fill="black",
)


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


def test_upside_down_turns_half_of_the_images():
    images = noise(1000, 6, 4, 1)
    varied = vary(Augmentation(flip_vertical=True), images)
    turned = (varied == images[:, ::-1]).all(axis=(1, 2, 3))
    assert (turned ^ (varied == images).all(axis=(1, 2, 3))).all()
    assert 450 < turned.sum() < 550


@pytest.mark.parametrize(("fill", "mode"), [("nearest", "edge"), ("wrap", "wrap"), ("black", "constant")])
def test_what_comes_in_from_outside(fill, mode):
    image = noise(1, 8, 12, 3)
    varied = vary(Augmentation(shift=0.25, fill=fill), np.repeat(image, 500, axis=0))
    padded = np.pad(image[0], ((2, 2), (3, 3), (0, 0)), mode=mode)
    possible = {padded[y : y + 8, x : x + 12].tobytes() for y, x in itertools.product(range(5), range(7))}
    assert {one.tobytes() for one in varied} == possible


def test_shear_moves_rows_sideways_in_proportion_to_their_height_within_its_limit():
    images = np.concatenate([blobs([(10, 30)]), blobs([(30, 30)])])
    up, down = (
        centroids(vary(Augmentation(shear=30), np.repeat(images[i : i + 1], 200, axis=0))) - (20, 30) for i in (0, 1)
    )
    np.testing.assert_allclose(up[:, 0], -10, atol=0.15)
    np.testing.assert_allclose(up[:, 1], -down[:, 1], atol=0.15)
    angles = np.degrees(np.arctan(down[:, 1] / 10))
    assert -31 < angles.min() < -26
    assert 26 < angles.max() < 31


def test_brightness_contrast_and_saturation_by_hand():
    flat = np.full((400, 3, 3, 3), 100, np.uint8)
    bright = vary(Augmentation(brightness=0.2), flat).astype(int)
    assert (bright == bright[:, :1, :1, :1]).all()
    assert 49 <= bright.min() < 55
    assert 145 < bright.max() <= 151
    np.testing.assert_array_equal(vary(Augmentation(contrast=0.5), flat), flat)  # it has no contrast
    two = np.tile(np.array([60, 140], np.uint8)[None, :, None, None], (400, 1, 2, 1))
    far = vary(Augmentation(contrast=0.5), two).astype(int)
    np.testing.assert_allclose(far.mean(axis=(1, 2, 3)), 100, atol=0.51)
    spread = (far[:, 1, 0, 0] - far[:, 0, 0, 0]) / 80
    assert 0.49 < spread.min() < 0.55
    assert 1.45 < spread.max() < 1.51
    np.testing.assert_array_equal(vary(Augmentation(saturation=1), flat), flat)  # grey stays grey
    red = np.tile(np.array([200, 50, 50], np.uint8), (400, 2, 2, 1))
    luma = 0.299 * 200 + 0.701 * 50
    colour = (vary(Augmentation(saturation=0.5), red)[:, 0, 0, 0].astype(float) - luma) / (200 - luma)
    assert 0.49 < colour.min() < 0.55
    assert 1.45 < colour.max() < 1.52


def test_noise_has_its_standard_deviation_and_differs_between_images():
    varied = vary(Augmentation(noise=0.1), np.full((20, 40, 40, 3), 128, np.uint8)).astype(float)
    assert varied.std() == pytest.approx(25.5, rel=0.03)
    assert abs(varied.mean() - 128) < 0.5
    assert not np.array_equal(varied[0], varied[1])


@pytest.mark.parametrize("name", LIMITS)
def test_a_stronger_setting_varies_the_same_image_further_the_same_way(name):
    image = noise(1, 16, 16, 3)
    steps = [augment_images(image, Augmentation(**{name: LIMITS[name] * share}), 5) for share in (0, 0.25, 0.5, 1)]
    np.testing.assert_array_equal(steps[0], image)
    away = [float(np.abs(step.astype(int) - image).mean()) for step in steps]
    if name in ("brightness", "contrast", "saturation", "noise", "cutout"):
        assert away == sorted(away)
    again = augment_images(image, Augmentation(**{name: LIMITS[name]}), 5)
    np.testing.assert_array_equal(again, steps[-1])


def test_strength_scales_all_amounts_up_to_their_limits():
    twice = scale_strength(Augmentation(flip=True, shift=0.2, rotation=100, fill="wrap"), 2)
    assert twice == Augmentation(flip=True, shift=0.4, rotation=180, fill="wrap")
    assert not scale_strength(EVERYTHING, 0).any()


@pytest.mark.parametrize("settings", [*PRESETS.values(), EVERYTHING], ids=str)
def test_the_code_shown_makes_the_same_variants(settings, tmp_path, monkeypatch):
    image = noise(12, 14, 3)
    Image.fromarray(image).save(tmp_path / "image.png")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(variants_code(settings, 7, 3), names)
    np.testing.assert_array_equal(names["varied"], augment_images(np.repeat(image[None], 3, axis=0), settings, 7))
    if settings.any():
        assert np.asarray(names["vary"](names["varied"])).shape == (3, 12, 14, 3)


def test_an_unknown_fill_is_one_sentence():
    with pytest.raises(ConfigError, match="fill is “grey”; choose mirror, nearest, wrap, black"):
        Augmentation(fill="grey")
