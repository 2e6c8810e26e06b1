"""Built models have the layers, weights and arithmetic of their architecture."""

import keras
import numpy as np
import pytest
from scipy.signal import correlate2d

from cnn.model.architectures import (
    Architecture,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Pooling,
    Residual,
)
from cnn.model.build import build

SHAPE = (10, 9, 3)


def own(*layers, **options):
    return Architecture("own", layers, **options)


def test_equal_seeds_give_equal_weights_and_other_seeds_other_weights():
    architecture = own(Convolution(4), Residual(5), Flatten(), Dense(6))
    first, repeated, other = (build(architecture, SHAPE, 3, seed=seed).get_weights() for seed in (1, 1, 2))
    for a, b in zip(first, repeated, strict=True):
        np.testing.assert_array_equal(a, b)
    kernels = [(a, b) for a, b in zip(first, other, strict=True) if a.ndim > 1]
    assert len(kernels) == 6
    assert all((a != b).all() for a, b in kernels)


def test_layers_of_equal_shape_start_from_different_weights():
    model = build(own(Convolution(4, padding="same"), Convolution(4, padding="same")), (8, 8, 4), 3)
    first, second = (model.get_layer(name).get_weights()[0] for name in ("conv_1", "conv_2"))
    assert (first != second).any()


@pytest.mark.parametrize(("rescaling", "low"), [("unit", 0.0), ("symmetric", -1.0)])
def test_pixels_are_rescaled_inside_the_model(rescaling, low):
    model = build(own(Flatten(), rescaling=rescaling), (1, 2, 1), 2)
    model.get_layer("logits").set_weights([np.eye(2), np.zeros(2)])
    assert model.input.dtype == "uint8"
    np.testing.assert_allclose(model(np.array([[[[0], [255]]]], np.uint8)), [[low, 1.0]], atol=1e-6)


def test_layers_are_named_in_network_order_and_the_output_has_no_softmax():
    model = build(own(Convolution(4, batch_norm=True), Pooling(), Dropout()), SHAPE, 3)
    assert [layer.name for layer in model.layers] == (
        ["image", "rescaling", "conv_1", "norm_1", "activation_1", "pool_1", "dropout_1", "flatten_1", "logits"]
    )
    assert model.get_layer("logits").activation is keras.activations.linear


def test_a_name_that_keras_would_refuse_is_accepted():
    for name in ("my / net: Größe 1", ""):
        assert build(Architecture(name, ()), SHAPE, 2).output_shape == (None, 2)


def convolved(maps, kernel):
    """Correlation of maps (H, W, C) with a kernel (h, w, C, filters) by SciPy, zero-padded to the same size."""
    return np.stack(
        [
            sum(correlate2d(maps[..., c], kernel[..., c, f], mode="same") for c in range(maps.shape[-1]))
            for f in range(kernel.shape[-1])
        ],
        axis=-1,
    )


@pytest.mark.parametrize("filters", [3, 5])
def test_residual_block_computes_what_he_et_al_describe(filters):
    random = np.random.default_rng(0)
    model = build(own(Residual(filters)), (6, 7, 3), 2)
    for layer in model.layers:
        layer.set_weights(
            [random.uniform(0.1, 1, weight.shape) - 0.4 * (weight.ndim > 1) for weight in layer.get_weights()]
        )
    image = random.integers(0, 256, (6, 7, 3), dtype=np.uint8)

    def normalized(maps, name):
        offset, mean, variance = model.get_layer(name).get_weights()
        return (maps - mean) / np.sqrt(variance + 1e-3) + offset

    by_name = sorted(layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    convolutions = [model.get_layer(name).get_weights()[0] for name in by_name]
    x = image / 255
    shortcut = x if filters == 3 else x @ convolutions.pop(0)[0, 0]
    inner = np.maximum(normalized(convolved(x, convolutions[0]), "norm_1"), 0)
    expected = np.maximum(normalized(convolved(inner, convolutions[1]), "norm_2") + shortcut, 0)
    kernel, bias = model.get_layer("logits").get_weights()
    np.testing.assert_allclose(model(image[None])[0], expected.ravel() @ kernel + bias, rtol=1e-4)


def test_mixed_precision_computes_in_bfloat16_and_outputs_float32():
    architecture = own(Convolution(4, padding="same", batch_norm=True), Residual(4), Pooling(), Flatten(), Dense(8))
    images = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), dtype=np.uint8)
    mixed, full = (build(architecture, SHAPE, 3, dtype=dtype) for dtype in ("mixed_bfloat16", "float32"))
    assert mixed.get_layer("conv_1").compute_dtype == mixed.get_layer("pool_1").compute_dtype == "bfloat16"
    assert {weight.dtype for weight in mixed.weights} == {"float32"}
    assert mixed(images).dtype.name == "float32"
    np.testing.assert_allclose(mixed(images), full(images), atol=0.05)


def dropout_masks(model):
    """Which of its inputs each dropout layer keeps in its first step: bool (layers, inputs)."""
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    return np.array([np.asarray(layer(np.ones((1, 1000), np.float32), training=True))[0] > 0 for layer in layers])


@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1])
def test_each_dropout_layer_has_a_mask_of_its_own_and_the_seed_repeats_it(seed):
    architecture = own(Flatten(), Dropout(), Dropout(), Dropout())
    masks = dropout_masks(build(architecture, SHAPE, 2, seed=seed))
    assert masks.shape == (3, 1000)
    # Independent halves agree in 500 of 1000 places, with a standard deviation of 16.
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert 420 < (masks[one] == masks[other]).sum() < 580
    np.testing.assert_array_equal(masks, dropout_masks(build(architecture, SHAPE, 2, seed=seed)))
    assert 420 < (masks == dropout_masks(build(architecture, SHAPE, 2, seed=seed - 1 if seed else 1)))[0].sum() < 580
