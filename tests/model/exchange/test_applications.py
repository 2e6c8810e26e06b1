"""Keras' own applications, without weights: which of them can be brought in, and why the others cannot."""

import json
import math
import re
from pathlib import Path

import keras
import pytest

from cnn.errors import ModelError
from cnn.model.exchange import foreign_process
from cnn.model.exchange.admission_process import MAX_ACTIVATIONS
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


def test_an_application_for_images_that_are_too_large_is_refused_with_its_size(tmp_path: Path) -> None:
    """MobileNetV2 at its own 224 x 224: what all its layers make of one image does not fit into the memory for it."""
    original = keras.applications.MobileNetV2(weights=None)
    numbers = sum(math.prod(layer.output.shape[1:]) for layer in original.layers)
    assert numbers > MAX_ACTIVATIONS
    with pytest.raises(
        foreign_process.Refused, match=r"it makes ([\d,]+) numbers of one image, and at most"
    ) as refused:
        foreign_process.rebuild(saved(original, tmp_path / "large.keras"), "“large.keras”")
    said = int(re.search(r"makes ([\d,]+)", str(refused.value))[1].replace(",", ""))
    assert said == pytest.approx(numbers, rel=0.02)  # with a layer that scales pixels, without probabilities


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
