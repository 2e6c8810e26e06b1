"""Against convolution and pooling written down with SciPy and NumPy, one image and one filter at a time."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.signal import correlate

from cnn.analysis.activations.feature_maps import blocks, feature_maps
from cnn.errors import ImageShapeError
from cnn.model import store

SHAPE = (13, 10, 3)


def same(image, size, strides, fill):
    """TensorFlow's padding "same": equal on both sides, an odd pixel goes below and to the right."""
    missing = [max((-(-n // strides) - 1) * strides + size - n, 0) for n in image.shape[:2]]
    return np.pad(image, [*((n // 2, n - n // 2) for n in missing), (0, 0)], constant_values=fill)


def convolved(image, kernel, strides=1):
    """(h, w, channels) by (size, size, channels, filters), without padding."""
    maps = [correlate(image, kernel[..., n], "valid") for n in range(kernel.shape[-1])]
    return np.concatenate(maps, axis=-1)[::strides, ::strides]


def pooled(image, size, strides, reduce):
    """NaN marks the padding, which the reduction ignores."""
    padded = same(image, size, strides, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(0, 1))
    return reduce(windows[::strides, ::strides], axis=(-2, -1))


@pytest.fixture(scope="module")
def model():
    inputs = keras.Input(SHAPE, dtype="uint8")
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="strided")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="peaks")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="apart")(x)
    x = layers.Conv2D(5, 2, use_bias=False, name="raw")(x)
    x = layers.BatchNormalization(name="normalised")(x)
    x = layers.Activation("relu", name="kinked")(x)
    x = layers.AveragePooling2D(2, strides=1, padding="same", name="means")(x)
    x = layers.GlobalMaxPooling2D(name="no_map")(x)
    model = keras.Model(inputs, layers.Dense(3, name="answer")(x))
    random = np.random.default_rng(0)
    # Variances must be above 0; the other weights may be anything.
    model.set_weights(
        [random.uniform(0.1, 1, weight.shape) - 0.5 * (weight.ndim == 4) for weight in model.get_weights()]
    )
    return model


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (3, *SHAPE), np.uint8)


@pytest.fixture(scope="module")
def maps(model, images):
    return feature_maps(model, images)


def expected(model, image):
    """The feature maps that each layer should give for one image."""
    weights = {layer.name: layer.get_weights() for layer in model.layers}
    maps = {}
    kernel, bias = weights["strided"]
    maps["strided"] = np.maximum(convolved(same(image / 255, 3, 2, 0), kernel, 2) + bias, 0)
    maps["peaks"] = pooled(maps["strided"], 3, 2, np.nanmax)
    kernel, bias = weights["apart"]
    padded = same(maps["peaks"], 3, 1, 0)
    channels = [convolved(padded[..., [n]], kernel[:, :, [n]]) for n in range(kernel.shape[2])]
    maps["apart"] = np.concatenate(channels, axis=-1) + bias
    maps["raw"] = convolved(maps["apart"], weights["raw"][0])
    gamma, beta, mean, variance = weights["normalised"]
    normalised = (maps["raw"] - mean) / np.sqrt(variance + 0.001) * gamma + beta
    maps["means"] = pooled(np.maximum(normalised, 0), 2, 1, np.nanmean)
    return maps


def test_every_convolution_and_pooling_layer_in_network_order(maps):
    assert {name: activations.shape for name, activations in maps.items()} == {
        "strided": (3, 7, 5, 4),
        "peaks": (3, 4, 3, 4),
        "apart": (3, 4, 3, 4),
        "raw": (3, 3, 2, 5),
        "means": (3, 3, 2, 5),
    }
    assert list(maps) == ["strided", "peaks", "apart", "raw", "means"]
    assert all(type(array) is np.ndarray and array.dtype == np.float32 for array in maps.values())


def test_maps_are_those_of_convolution_and_pooling_by_hand(model, images, maps):
    for index, image in enumerate(images):
        for name, by_hand in expected(model, image).items():
            np.testing.assert_allclose(maps[name][index], by_hand, rtol=1e-4, atol=1e-5, err_msg=name)


def test_an_edge_by_hand():
    """Left minus right is -1 where white begins, and +1 where it ends."""
    inputs = keras.Input((1, 5, 1), dtype="uint8")
    edges = layers.Conv2D(1, (1, 2), use_bias=False, name="edges")
    model = keras.Model(inputs, edges(layers.Rescaling(1 / 255)(inputs)))
    edges.set_weights([np.array([1, -1], np.float32).reshape(1, 2, 1, 1)])
    image = np.array([0, 255, 255, 0, 0], np.uint8).reshape(1, 1, 5, 1)
    maps = feature_maps(model, image)
    assert {name: array.shape for name, array in maps.items()} == {"edges": (1, 1, 4, 1)}
    np.testing.assert_allclose(maps["edges"].ravel(), [-1, 0, 1, 0], atol=1e-6)


def test_a_network_without_convolution_has_no_maps():
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inputs)))
    assert feature_maps(model, np.zeros((1, 4, 4, 1), np.uint8)) == {}


def test_the_model_and_the_images_are_not_modified(model, images):
    config, weights, original = model.to_json(), model.get_weights(), images.copy()
    feature_maps(model, images)
    assert model.to_json() == config
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(images, original)


@pytest.mark.parametrize(
    ("images", "got"),
    [
        (np.zeros((2, 10, 13, 3), np.uint8), r"uint8 of shape \(2, 10, 13, 3\)"),
        (np.zeros((2, 13, 10, 1), np.uint8), r"uint8 of shape \(2, 13, 10, 1\)"),
        (np.zeros(SHAPE, np.uint8), r"uint8 of shape \(13, 10, 3\)"),
        (np.zeros((2, *SHAPE), np.float32), r"float32 of shape \(2, 13, 10, 3\)"),
    ],
    ids=["turned", "grey", "no batch", "already rescaled"],
)
def test_images_of_the_wrong_shape_or_dtype_are_refused(model, images, got):
    with pytest.raises(ImageShapeError, match=rf"takes uint8 images of shape \(N, 13, 10, 3\).* got {got}"):
        feature_maps(model, images)


def test_layers_are_grouped_by_the_blocks_in_their_names() -> None:
    deep = keras.applications.MobileNetV2(input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None)
    layers = [layer.name for layer in deep.layers[1:] if len(layer.output.shape) == 4]
    groups = blocks(deep, layers)
    assert list(groups) == ["stem", "expanded_conv", *[f"block_{number}" for number in range(1, 17)], "last layers"]
    assert [name for members in groups.values() for name in members] == layers
    assert groups["block_3"][0] == "block_3_expand"


def test_layers_without_block_names_are_grouped_by_the_size_of_their_maps() -> None:
    network = store.load("cifar10-resnet")
    layers = [layer.name for layer in network.layers[2:] if len(layer.output.shape) == 4]
    groups = blocks(network, layers)
    assert list(groups) == ["32 × 32", "16 × 16", "8 × 8", "4 × 4"]
    assert [name for members in groups.values() for name in members] == layers
