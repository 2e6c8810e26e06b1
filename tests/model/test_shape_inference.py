"""Inferred shapes equal those of Keras; an impossible layer is refused with a message that names it."""

import pytest
from hypothesis import given, settings

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
from cnn.model.presets import preset
from cnn.model.shape_inference import MAX_LAYERS, first_problem, infer_shapes
from tests.model.random_architectures import architectures

SHAPE = (10, 9, 3)


def own(*layers, **options):
    return Architecture("own", layers, **options)


def keras_layer_count(layer, before):
    """Number of Keras layers that one layer of an architecture is built of."""
    match layer:
        case Convolution(batch_norm=True):
            return 3
        case Residual(filters):
            return 7 if before[-1] == filters else 8
    return 1


@settings(max_examples=15, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_inferred_shapes_are_those_of_keras(architecture):
    model = build(architecture, SHAPE, 4)
    index, before = 1, SHAPE
    for layer, shape in zip(architecture.layers, infer_shapes(architecture, SHAPE), strict=True):
        index += keras_layer_count(layer, before)
        assert model.layers[index].output.shape[1:] == shape
        before = shape
    assert model.output_shape == (None, 4)


@pytest.mark.parametrize(
    ("layers", "position", "message"),
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
def test_impossible_layer_is_named_in_one_line(layers, position, message):
    for refuse in (lambda: infer_shapes(own(*layers), SHAPE), lambda: build(own(*layers), SHAPE, 4)):
        with pytest.raises(ConfigError, match=message) as refusal:
            refuse()
        assert str(refusal.value).startswith(f"Layer {position} (")
        assert "\n" not in str(refusal.value)


def test_too_many_layers_and_an_unknown_rescaling_are_refused():
    with pytest.raises(ConfigError, match=f"has {MAX_LAYERS + 1} layers; at most {MAX_LAYERS}"):
        infer_shapes(own(*[Activation()] * (MAX_LAYERS + 1)), SHAPE)
    with pytest.raises(ConfigError, match="Rescaling is “none”; choose unit"):
        infer_shapes(own(rescaling="none"), SHAPE)


def test_first_impossible_layer_is_named_with_a_remedy():
    layers = (Convolution(4), Pooling(), Convolution(4, 5), Flatten(), Dense(3))
    position, message = first_problem(Architecture("own", layers), (10, 10, 1))
    assert position == 3
    assert "covers 5 x 5 cells but only 4 x 4 reach it. Make it smaller" in message
    assert first_problem(Architecture("own", (Dense(3), *layers)), (10, 10, 1))[0] == 1
    assert first_problem(preset("tutorial"), (32, 32, 3)) is None
