"""Ranges and scaling of the augmentation settings."""

import numpy as np
import pytest

from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.settings import PRESETS, Augmentation, count_variants, scale_strength
from cnn.errors import ConfigError


@pytest.mark.parametrize(
    "settings",
    [{"shift": 0.6}, {"shift": -0.1}, {"rotation": 181}, {"zoom": 1}, {"cutout": float("nan")}, {"zoom": "0.1"}],
)
def test_a_setting_out_of_range_is_a_one_sentence_error(settings):
    (name, value), *_ = settings.items()
    with pytest.raises(ConfigError, match=f"Augmentation: {name} is {value}; choose a number from 0 to"):
        Augmentation(**settings)


def test_flip_accepts_only_booleans():
    with pytest.raises(ConfigError, match="flip is 1"):
        Augmentation(flip=1)


def test_an_unknown_fill_is_a_one_sentence_error():
    with pytest.raises(ConfigError, match="fill is “grey”; choose mirror, nearest, wrap, black"):
        Augmentation(fill="grey")


def test_strength_scales_all_numeric_settings_up_to_their_limits():
    twice = scale_strength(Augmentation(flip=True, shift=0.2, rotation=100, fill="wrap"), 2)
    assert twice == Augmentation(flip=True, shift=0.4, rotation=180, fill="wrap")
    assert not scale_strength(Augmentation(flip=True, rotation=30, noise=0.05, fill="black"), 0).any()


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (PRESETS["light"], 162),  # 2 ways round, 9 x 9 shifts
        (scale_strength(PRESETS["light"], 0.5), 50),
        (PRESETS["cutout"], 162 * 32 * 32),
        (Augmentation(flip=True, flip_vertical=True), 4),
        (Augmentation(cutout=0.25, fill="black"), 32 * 32),
        (Augmentation(), 1),
        (PRESETS["strong"], None),
        (PRESETS["rand-augment"], None),
        (PRESETS["tutorial"], None),
        (Augmentation(flip=True, noise=0.1), None),
    ],
    ids=str,
)
def test_variants_are_counted_where_they_can_be(settings, count):
    assert count_variants(settings, 32, 32) == count


def test_light_augmentation_makes_exactly_162_pictures_of_one():
    image = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 1), np.uint8)
    varied = augment_images(np.repeat(image, 5000, axis=0), PRESETS["light"], seed=0)
    assert len({picture.tobytes() for picture in varied}) == 162


def test_cut_outs_of_one_picture_are_as_many_as_counted():
    image = np.random.default_rng(0).integers(0, 100, (1, 7, 9, 1), np.uint8)
    settings = Augmentation(cutout=0.4)
    varied = augment_images(np.repeat(image, 3000, axis=0), settings, seed=0)
    assert len({picture.tobytes() for picture in varied}) == count_variants(settings, 7, 9) == 63
