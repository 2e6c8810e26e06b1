"""Ranges and scaling of the augmentation settings."""

import pytest

from cnn.data.augmentation.settings import Augmentation, scale_strength
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
