import json

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.signal import correlate2d

from cnn.errors import ConfigError
from cnn.model.architectures import (
    Activation,
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalPooling,
    Pooling,
    Residual,
)
from cnn.model.build import build
from cnn.model.presets import PRESETS, preset
from cnn.model.shape_inference import MAX_LAYERS, infer_shapes
from tests.model.random_architectures import architectures

SHAPE = (10, 9, 3)


def own(*layers, **settings):
    return Architecture("own", layers, **settings)


def keras_layers(layer, before):
    """How many Keras layers stand for one of ours."""
    match layer:
        case Convolution(batch_norm=True):
            return 3
        case Residual(filters):
            return 7 if before[-1] == filters else 8
    return 1


@settings(max_examples=15, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_shapes_are_those_keras_finds(architecture):
    model = build(architecture, SHAPE, 4)
    at, before = 1, SHAPE
    for layer, shape in zip(architecture.layers, infer_shapes(architecture, SHAPE), strict=True):
        at += keras_layers(layer, before)
        assert model.layers[at].output.shape[1:] == shape
        before = shape
    assert model.output_shape == (None, 4)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_any_architecture_comes_back_equal_from_json(architecture):
    assert Architecture.from_dict(json.loads(json.dumps(architecture.to_dict()))) == architecture


@pytest.mark.parametrize("name", PRESETS)
def test_presets_come_back_equal_from_json(name):
    assert Architecture.from_dict(json.loads(json.dumps(preset(name).to_dict()))) == preset(name)


@pytest.mark.parametrize(
    ("layers", "number", "words"),
    [
        ([Convolution(0)], 1, "filters is 0; choose a whole number from 1 to 1024"),
        ([Convolution(True)], 1, "filters is True"),
        ([Convolution(8, "3")], 1, "kernel size is 3; choose a whole number"),
        ([Convolution(8, 15)], 1, "15 x 15 cells but only 10 x 9 reach it"),
        ([Convolution(8, 5, dilation=3)], 1, "13 x 13 cells"),
        ([Convolution(8, strides=2, dilation=2)], 1, "which Keras refuses"),
        ([Convolution(8, padding="full")], 1, "padding is “full”; choose valid, same"),
        ([Convolution(8, activation="swish")], 1, "activation is “swish”; choose relu, gelu"),
        ([Convolution(8, batch_norm="yes")], 1, "batch normalisation is “yes”; choose True, False"),
        ([Convolution(8, bias=None)], 1, "bias is “None”"),
        ([Pooling(), Pooling("min")], 2, "pooling is “min”; choose max, average"),
        ([Pooling(), Pooling(size=5)], 2, "5 x 5 cells but only 5 x 4 reach it. Make it smaller, or pool"),
        ([Pooling(size=2.0)], 1, "window is 2.0; choose a whole number"),
        ([Residual(8), Residual(2000)], 2, "filters is 2000"),
        ([Flatten(), Convolution(8)], 2, "gets 270 plain numbers. Move it before Flatten"),
        ([Flatten(), Pooling()], 2, "plain numbers"),
        ([Flatten(), Residual(8)], 2, "plain numbers"),
        ([GlobalPooling(), GlobalPooling()], 2, "gets 3 plain numbers"),
        ([GlobalPooling("median")], 1, "choose max, average"),
        ([Dense(8)], 1, r"feature maps \(10, 9, 3\). Put Flatten or global pooling before it"),
        ([Flatten(), Dense(0)], 2, "units is 0; choose a whole number from 1 to 8192"),
        ([Flatten(), Dense(8, "softmax")], 2, "activation is “softmax”"),
        ([Flatten(), Dense(8, bias="no")], 2, "bias is “no”; choose True, False"),
        ([Activation("step")], 1, "activation is “step”"),
        ([BatchNormalization(), Dropout(1.0)], 2, "the rate is 1.0; choose a number from 0 to below 1"),
        ([Dropout("half")], 1, "the rate is half"),
        ([Dropout(float("nan"))], 1, "the rate is nan"),
        ([Flatten(), Dense(8192), Dense(8192)], 3, "over 20,000,000 parameters"),
    ],
)
def test_impossible_layer_is_named_in_one_sentence(layers, number, words):
    for refuse in (lambda: infer_shapes(own(*layers), SHAPE), lambda: build(own(*layers), SHAPE, 4)):
        with pytest.raises(ConfigError, match=words) as refusal:
            refuse()
        assert str(refusal.value).startswith(f"Layer {number} (")
        assert "\n" not in str(refusal.value)


def test_a_network_has_a_limit_of_layers_and_two_rescalings():
    with pytest.raises(ConfigError, match=f"has {MAX_LAYERS + 1} layers; at most {MAX_LAYERS}"):
        infer_shapes(own(*[Activation()] * (MAX_LAYERS + 1)), SHAPE)
    with pytest.raises(ConfigError, match="Rescaling is “none”; choose unit"):
        infer_shapes(own(rescaling="none"), SHAPE)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "tutorial",
        {},
        {"name": "x", "rescaling": "unit"},
        {"name": "x", "rescaling": "unit", "layers": 7},
        {"name": "x", "rescaling": "unit", "layers": "conv"},
        {"name": "x", "rescaling": "unit", "layers": [None]},
        {"name": "x", "rescaling": "unit", "layers": [["convolution"]]},
        {"name": "x", "rescaling": "unit", "layers": [{}]},
        {"name": "x", "rescaling": "unit", "layers": [{"kind": "lambda", "code": "import os"}]},
        {"name": "x", "rescaling": "unit", "layers": [{"kind": ["convolution"]}]},
        {"name": "x", "rescaling": "unit", "layers": [{"kind": "convolution"}]},
        {"layers": []},
    ],
)
def test_what_is_not_an_architecture_is_refused(stored):
    with pytest.raises(ConfigError):
        Architecture.from_dict(stored)


def test_settings_of_another_kind_are_refused_unknown_ones_left_out_and_impossible_ones_found_by_check():
    def stored(**layer):
        return {"name": "n" * 500, "rescaling": "unit", "layers": [{"kind": "convolution", **layer}]}

    with pytest.raises(ConfigError, match="Layer 1"):
        Architecture.from_dict(stored(filters={"a": 1}))
    architecture = Architecture.from_dict(stored(filters=0, __class__="x"))
    assert architecture.layers == (Convolution(0),)
    assert len(architecture.name) == 60
    with pytest.raises(ConfigError, match="Layer 1"):
        infer_shapes(architecture, SHAPE)


def test_the_seed_alone_decides_the_weights():
    architecture = own(Convolution(4), Residual(5), Flatten(), Dense(6))
    first, again, other = (build(architecture, SHAPE, 3, seed=seed).get_weights() for seed in (1, 1, 2))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    kernels = [(one, two) for one, two in zip(first, other, strict=True) if one.ndim > 1]
    assert len(kernels) == 6
    assert all((one != two).all() for one, two in kernels)


def test_layers_of_one_shape_start_from_different_weights():
    model = build(own(Convolution(4, padding="same"), Convolution(4, padding="same")), (8, 8, 4), 3)
    one, two = (model.get_layer(name).get_weights()[0] for name in ("conv_1", "conv_2"))
    assert (one != two).any()


@pytest.mark.parametrize(("rescaling", "low"), [("unit", 0.0), ("symmetric", -1.0)])
def test_pixels_are_rescaled_inside_the_model(rescaling, low):
    model = build(own(Flatten(), rescaling=rescaling), (1, 2, 1), 2)
    model.get_layer("logits").set_weights([np.eye(2), np.zeros(2)])
    assert model.input.dtype == "uint8"
    np.testing.assert_allclose(model(np.array([[[[0], [255]]]], np.uint8)), [[low, 1.0]], atol=1e-6)


def test_model_ends_in_logits_of_names_in_network_order():
    model = build(own(Convolution(4, batch_norm=True), Pooling(), Dropout()), SHAPE, 3)
    assert [layer.name for layer in model.layers] == (
        ["image", "rescaling", "conv_1", "norm_1", "activation_1", "pool_1", "dropout_1", "flatten_1", "logits"]
    )
    assert model.get_layer("logits").activation is keras.activations.linear


def test_a_name_that_keras_would_refuse_is_no_obstacle():
    for name in ("my / net: Größe 1", ""):
        assert build(Architecture(name, ()), SHAPE, 2).output_shape == (None, 2)


def convolved(maps, kernel):
    """SciPy's correlation of maps (H, W, C) with a kernel (h, w, C, filters), padded with zeros."""
    return np.stack(
        [
            sum(correlate2d(maps[..., c], kernel[..., c, f], mode="same") for c in range(maps.shape[-1]))
            for f in range(kernel.shape[-1])
        ],
        axis=-1,
    )


@pytest.mark.parametrize("filters", [3, 5])
def test_residual_block_is_what_he_et_al_describe(filters):
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


def test_mixed_precision_computes_in_bfloat16_and_answers_in_float32():
    architecture = own(Convolution(4, padding="same", batch_norm=True), Residual(4), Pooling(), Flatten(), Dense(8))
    images = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), dtype=np.uint8)
    mixed, plain = (build(architecture, SHAPE, 3, dtype=dtype) for dtype in ("mixed_bfloat16", "float32"))
    assert mixed.get_layer("conv_1").compute_dtype == mixed.get_layer("pool_1").compute_dtype == "bfloat16"
    assert {weight.dtype for weight in mixed.weights} == {"float32"}
    assert mixed(images).dtype.name == "float32"
    np.testing.assert_allclose(mixed(images), plain(images), atol=0.05)
