"""Numbers of every layer, recomputed down to the pixels: each result must match what Keras computed."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import number_origin
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.build import build
from cnn.model.presets import PRESETS, preset
from tests.model.random_architectures import architectures

SHAPE = (12, 12, 3)


def follow_to_pixels(model: keras.Model, image: np.ndarray, seed: int, starts: int = 6) -> set[str]:
    """Follow numbers from the logits to pixels through random sources; returns the layers on the way."""
    outputs, random = layer_outputs(model)(image[None]), np.random.default_rng(seed)
    passed = set()
    for _ in range(starts):
        layer = model.layers[-1].name
        position: tuple[int, ...] = (int(random.integers(outputs[layer].shape[1])),)
        while layer != model.layers[0].name:
            origin = number_origin(model, outputs, layer, position)
            expected = outputs[layer][0][position]
            assert abs(origin.result - expected) <= 1e-4 * max(1, abs(expected)), (layer, position)
            total = origin.channel_sums.sum() + (origin.bias or 0)
            if origin.operation not in ("largest", "average"):
                assert abs(total - origin.total) < 1e-6 * max(1, abs(total))
            for source, value in zip(origin.sources.ravel(), origin.values.ravel(), strict=True):
                assert (source is None) == np.isnan(value)
                if source is not None:
                    np.testing.assert_allclose(outputs[source[0]][0][source[1]], value, rtol=1e-6)
            passed.add(layer)
            inside = [source for source in origin.sources.ravel() if source is not None]
            if not inside:  # only padding
                break
            layer, position = inside[int(random.integers(len(inside)))]
        else:
            assert image[position] == outputs[layer][0][position]
    return passed


@settings(max_examples=25, deadline=None, derandomize=True)
@given(architectures(SHAPE), st.integers(0, 2**31))
def test_any_network_of_this_app_is_followed_down_to_its_pixels(architecture, seed):
    model = build(architecture, SHAPE, 3, seed=seed % 1000)
    random = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(random.uniform(0.1, 1, weight.shape) - 0.5 * (len(weight.shape) > 1))
    follow_to_pixels(model, random.integers(0, 256, SHAPE, np.uint8), seed)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_followed_layer_by_layer(name):
    model = build(preset(name), (32, 32, 3), 10)
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    assert follow_to_pixels(model, image, 1, starts=12)


def test_pretrained_networks_are_followed():
    for id in ("cifar10-tutorial", "cifar10-resnet"):
        model = store.load(id)
        image = np.random.default_rng(3).integers(0, 256, model.input_shape[1:], np.uint8)
        follow_to_pixels(model, image, 2)


def test_mobilenet_is_followed():
    inputs = keras.Input((96, 96, 3), dtype="uint8")
    pixels = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    base = keras.applications.MobileNetV2(input_tensor=pixels, include_top=False, weights=None, alpha=0.35)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(base.output)))
    image = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    passed = follow_to_pixels(model, image, 5, starts=3)
    assert {type(model.get_layer(name)).__name__ for name in passed} >= {
        "Dense",
        "GlobalAveragePooling2D",
        "ReLU",
        "BatchNormalization",
        "Conv2D",
        "DepthwiseConv2D",
    }


def test_a_convolution_has_all_its_products_and_marks_the_padding():
    inputs = keras.Input((4, 5, 2), dtype="uint8")
    x = keras.layers.Rescaling(1.0, name="pixels")(inputs)
    x = keras.layers.Conv2D(3, 3, padding="same", activation="relu", name="conv")(x)
    model = keras.Model(inputs, x)
    image = np.random.default_rng(0).integers(0, 9, (4, 5, 2), np.uint8)
    origin = number_origin(model, layer_outputs(model)(image[None]), "conv", (0, 4, 2))
    assert np.isnan(origin.values[0]).all() and np.isnan(origin.values[:, 2]).all()
    np.testing.assert_array_equal(origin.values[1:, :2], image[:2, 3:])
    kernel, bias = (np.asarray(weight) for weight in model.get_layer("conv").weights)
    np.testing.assert_allclose(origin.weights, kernel[..., 2])
    assert origin.sources[1, 1, 1] == ("pixels", (0, 4, 1))
    assert (origin.operation, origin.activation, origin.bias) == ("convolution", "relu", bias[2])


@pytest.mark.parametrize(
    ("layer", "position", "message"),
    [
        ("gone", (0, 0, 0), "no layer called “gone”"),
        ("conv_1", (0, 0), "has numbers at 30 x 30 x 32 places, none at"),
        ("conv_1", (0, 30, 0), "none at"),
        ("image", (0, 0, 0), "is a pixel of the image"),
    ],
)
def test_an_unknown_layer_or_position_is_refused(layer, position, message):
    model = build(preset("tutorial"), (32, 32, 3), 10)
    outputs = layer_outputs(model)(np.zeros((1, 32, 32, 3), np.uint8))
    with pytest.raises(ModelError, match=message):
        number_origin(model, outputs, layer, position)


def test_a_layer_of_an_unsupported_kind_is_refused():
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    model = keras.Model(inputs, keras.layers.GaussianNoise(0.1, name="noise")(keras.layers.Rescaling(1.0)(inputs)))
    with pytest.raises(ModelError, match="kind GaussianNoise"):
        number_origin(model, layer_outputs(model)(np.zeros((1, 4, 4, 1), np.uint8)), "noise", (0, 0, 0))
