"""Keras' own applications, without weights: which of them can be brought in, and why the others cannot."""

import json
from pathlib import Path

import keras
import pytest

from cnn.errors import ModelError
from cnn.model.exchange.keras_description import flatten
from tests.model.exchange.foreign_models import randomise, saved
from tests.model.exchange.test_foreign import assert_same_answer

# One network of each family, and a small size of its images.
TAKEN = {
    "DenseNet121": 32,
    "EfficientNetB0": 32,
    "EfficientNetV2B0": 32,
    "InceptionV3": 75,
    "MobileNet": 32,
    "MobileNetV2": 32,
    "MobileNetV3Small": 32,
    "NASNetMobile": 32,
    "ResNet50": 32,
    "ResNet50V2": 32,
    "VGG16": 32,
    "Xception": 71,
}


@pytest.mark.parametrize("name", TAKEN)
def test_an_application_is_brought_in(tmp_path: Path, name: str) -> None:
    side, build = TAKEN[name], getattr(keras.applications, name)
    if name in ("VGG16", "NASNetMobile"):  # VGG's dense layers alone have 100 million weights
        base = build(input_shape=(side, side, 3), include_top=False, weights=None, pooling="avg")
        original = keras.Sequential([base, keras.layers.Dense(5)])
    else:
        original = build(input_shape=(side, side, 3), weights=None, classes=5)
    path = saved(randomise(original), tmp_path / f"{name}.keras")
    understood = assert_same_answer(path, original, "0..255", lambda x: x)
    assert understood.classes == 5


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ConvNeXtTiny", "LayerScale”"),
        ("InceptionResNetV2", "CustomScaleLayer”"),
    ],
)
def test_an_application_with_a_layer_of_its_own_is_refused(name: str, reason: str) -> None:
    """These two have classes that are not among Keras' layers."""
    original = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(96, 96, 3))
    with pytest.raises(ModelError, match=f"^“own.keras” .*{reason}") as refused:
        flatten(json.loads(original.to_json()), "“own.keras”")
    assert str(refused.value).endswith(": refused.")
