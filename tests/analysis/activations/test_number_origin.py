"""Every number of every layer, followed down: what is worked out here must be what Keras gave."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import number_origin
from cnn.errors import ImageShapeError, ModelError
from cnn.model import store
from cnn.model.build import build
from cnn.model.presets import PRESETS, preset
from tests.model.random_architectures import architectures

SHAPE = (12, 12, 3)


def followed(model: keras.Model, image: np.ndarray, seed: int, starts: int = 6) -> set[str]:
    """Follow numbers from the logits to pixels, at every step a source by chance; gives the layers passed."""
    numbers, random = layer_outputs(model)(image[None]), np.random.default_rng(seed)
    passed = set()
    for _ in range(starts):
        layer = model.layers[-1].name
        place: tuple[int, ...] = (int(random.integers(numbers[layer].shape[1])),)
        while layer != model.layers[0].name:
            found = number_origin(model, numbers, layer, place)
            shown = numbers[layer][0][place]
            assert abs(found.result - shown) <= 1e-4 * max(1, abs(shown)), (layer, place)
            added = found.channel_sums.sum() + (found.bias or 0)
            if found.doing not in ("largest", "average"):
                assert abs(added - found.total) < 1e-6 * max(1, abs(added))
            for at, value in zip(found.sources.ravel(), found.values.ravel(), strict=True):
                assert (at is None) == np.isnan(value)
                if at is not None:
                    np.testing.assert_allclose(numbers[at[0]][0][at[1]], value, rtol=1e-6)
            passed.add(layer)
            inside = [at for at in found.sources.ravel() if at is not None]
            if not inside:  # zeros that padding put there
                break
            layer, place = inside[int(random.integers(len(inside)))]
        else:
            assert image[place] == numbers[layer][0][place]
    return passed


@settings(max_examples=25, deadline=None, derandomize=True)
@given(architectures(SHAPE), st.integers(0, 2**31))
def test_any_network_of_this_app_is_explained_down_to_its_pixels(architecture, seed):
    model = build(architecture, SHAPE, 3, seed=seed % 1000)
    random = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(random.uniform(0.1, 1, weight.shape) - 0.5 * (len(weight.shape) > 1))
    followed(model, random.integers(0, 256, SHAPE, np.uint8), seed)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_explained_layer_by_layer(name):
    model = build(preset(name), (32, 32, 3), 10)
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    assert followed(model, image, 1, starts=12)


def test_pretrained_networks_are_explained():
    for id in ("cifar10-tutorial", "cifar10-resnet"):
        model = store.load(id)
        image = np.random.default_rng(3).integers(0, 256, model.input_shape[1:], np.uint8)
        followed(model, image, 2)


def test_mobilenet_is_explained():
    inputs = keras.Input((96, 96, 3), dtype="uint8")
    pixels = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    base = keras.applications.MobileNetV2(input_tensor=pixels, include_top=False, weights=None, alpha=0.35)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(base.output)))
    image = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    passed = followed(model, image, 5, starts=3)
    assert {type(model.get_layer(name)).__name__ for name in passed} >= {
        "Dense",
        "GlobalAveragePooling2D",
        "ReLU",
        "BatchNormalization",
        "Conv2D",
        "DepthwiseConv2D",
    }


def test_a_convolution_shows_every_product_and_what_lies_beyond_the_edge():
    inputs = keras.Input((4, 5, 2), dtype="uint8")
    x = keras.layers.Rescaling(1.0, name="pixels")(inputs)
    x = keras.layers.Conv2D(3, 3, padding="same", activation="relu", name="conv")(x)
    model = keras.Model(inputs, x)
    image = np.random.default_rng(0).integers(0, 9, (4, 5, 2), np.uint8)
    found = number_origin(model, layer_outputs(model)(image[None]), "conv", (0, 4, 2))
    assert np.isnan(found.values[0]).all() and np.isnan(found.values[:, 2]).all()
    np.testing.assert_array_equal(found.values[1:, :2], image[:2, 3:])
    kernel, bias = (np.asarray(weight) for weight in model.get_layer("conv").weights)
    np.testing.assert_allclose(found.weights, kernel[..., 2])
    assert found.sources[1, 1, 1] == ("pixels", (0, 4, 1))
    assert (found.doing, found.activation, found.bias) == ("convolution", "relu", bias[2])


@pytest.mark.parametrize(
    ("layer", "place", "reason"),
    [
        ("gone", (0, 0, 0), "no layer called “gone”"),
        ("conv_1", (0, 0), "has numbers at 30 x 30 x 32 places, none at"),
        ("conv_1", (0, 30, 0), "none at"),
        ("image", (0, 0, 0), "is a pixel of the image"),
    ],
)
def test_what_is_not_there_gets_a_sentence(layer, place, reason):
    model = build(preset("tutorial"), (32, 32, 3), 10)
    numbers = layer_outputs(model)(np.zeros((1, 32, 32, 3), np.uint8))
    with pytest.raises(ModelError, match=reason):
        number_origin(model, numbers, layer, place)


def test_a_layer_of_another_kind_says_so():
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    model = keras.Model(inputs, keras.layers.GaussianNoise(0.1, name="noise")(keras.layers.Rescaling(1.0)(inputs)))
    with pytest.raises(ModelError, match="kind GaussianNoise"):
        number_origin(model, layer_outputs(model)(np.zeros((1, 4, 4, 1), np.uint8)), "noise", (0, 0, 0))


def test_a_probe_gives_the_layers_asked_for_and_refuses_what_does_not_fit():
    model = build(preset("tutorial"), (32, 32, 3), 10)
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    found = layer_outputs(model, ["logits", "conv_1"])(images)
    assert list(found) == ["conv_1", "logits"]
    np.testing.assert_allclose(found["logits"], model(images), atol=1e-5)
    with pytest.raises(ModelError, match="no layer called “nose”"):
        layer_outputs(model, ["nose"])
    for wrong in (images.astype(np.float32), images[0], images[:, :30]):
        with pytest.raises(ImageShapeError, match="Resize them first"):
            layer_outputs(model)(wrong)
