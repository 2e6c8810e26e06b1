import math
from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings

from cnn.errors import ConfigError
from cnn.model.architectures import Architecture, Convolution, Dense, GlobalPooling, Pooling, Residual
from cnn.model.build import build
from cnn.model.layer_costs import layer_costs, multiply_adds
from cnn.model.presets import PRESETS, preset
from tests.model.random_architectures import architectures

SHAPE = (10, 9, 3)


def keras_parameters(model):
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


@pytest.mark.parametrize("name", PRESETS)
def test_parameters_of_every_preset_are_those_of_keras(name):
    architecture = preset(name)
    assert sum(cost.parameters for cost in layer_costs(architecture, (32, 32, 3), 10)) == keras_parameters(
        build(architecture, (32, 32, 3), 10)
    )


@settings(max_examples=20, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_parameters_of_any_architecture_are_those_of_keras(architecture):
    costs = layer_costs(architecture, SHAPE, 3)
    assert sum(cost.parameters for cost in costs) == keras_parameters(build(architecture, SHAPE, 3))
    assert [cost.shape for cost in costs[-1:]] == [(3,)]


def test_multiply_adds_of_the_tutorial_match_the_count_by_hand():
    computed = [cost.multiply_adds for cost in layer_costs(preset("tutorial"), (32, 32, 3), 10)]
    by_hand = [30 * 30 * 27 * 32, 0, 13 * 13 * 288 * 64, 0, 4 * 4 * 576 * 64, 0, 1024 * 64, 64 * 10]
    assert computed == by_hand
    assert multiply_adds(preset("tutorial"), (32, 32, 3), 10) == sum(by_hand) == 4_548_608


def test_multiply_adds_of_a_residual_block_include_both_convolutions_and_the_shortcut():
    widening, same = layer_costs(Architecture("own", (Residual(8), Residual(8))), (5, 7, 3), 2)[:2]
    assert widening.multiply_adds == 5 * 7 * (9 * 3 * 8 + 9 * 8 * 8 + 3 * 8)
    assert same.multiply_adds == 5 * 7 * (9 * 8 * 8 * 2)


def test_strides_and_dilation_change_multiply_adds_but_not_parameters():
    plain, strided, dilated = (
        layer_costs(Architecture("own", (Convolution(4, 3, **arguments),)), (9, 9, 1), 2)[0]
        for arguments in ({}, {"strides": 2}, {"dilation": 3})
    )
    assert plain.parameters == strided.parameters == dilated.parameters == 40
    assert [cost.multiply_adds for cost in (plain, strided, dilated)] == [49 * 36, 16 * 36, 9 * 36]


def test_cost_of_an_impossible_architecture_is_refused():
    with pytest.raises(ConfigError, match="Layer 1"):
        layer_costs(Architecture("own", (Dense(3),)), SHAPE, 2)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_arithmetic_evaluates_to_the_parameters(architecture):
    for cost in layer_costs(architecture, SHAPE, 3):
        assert eval(cost.arithmetic.replace("×", "*") or "0") == cost.parameters


def test_dense_layer_of_the_tutorial_has_half_of_the_parameters_and_few_multiply_adds():
    costs = layer_costs(preset("tutorial"), (32, 32, 3), 10)
    assert costs[0].arithmetic == "3 × 3 × 3 × 32 + 32"
    assert costs[0].parameters == 896
    dense = costs[6]
    assert round(100 * dense.parameters / sum(cost.parameters for cost in costs), 1) == 53.5
    assert round(100 * dense.multiply_adds / sum(cost.multiply_adds for cost in costs), 1) == 1.4
    assert costs[0].bytes == 4 * 30 * 30 * 32


def test_receptive_fields_of_the_tutorial_match_the_count_by_hand():
    assert [cost.receptive_field for cost in layer_costs(preset("tutorial"), (32, 32, 3), 10)] == [
        *(3, 4, 8, 10, 18, 18),
        *(None, None),
    ]


@pytest.mark.parametrize(
    "layers",
    [
        (Convolution(2, 3, activation="linear"), Convolution(2, 3, dilation=2, activation="linear")),
        (Convolution(2, 3, strides=2, activation="linear"), Pooling(size=2), Convolution(2, 2, activation="linear")),
        (Residual(2), Pooling("average", 3)),
    ],
)
def test_output_depends_on_the_pixels_of_its_receptive_field_and_no_others(layers):
    shape = (40, 40, 1)
    model = build(Architecture("own", layers), shape, 2)
    field = layer_costs(Architecture("own", layers), shape, 2)[len(layers) - 1].receptive_field
    last_maps = model.layers[-3].output if model.layers[-2].name.startswith("flatten") else model.layers[-2].output
    maps_of = keras.Model(model.inputs, last_maps)
    influential_rows = set()
    baseline = np.asarray(maps_of(np.full((1, *shape), 128, np.uint8)))
    middle = tuple(side // 2 for side in baseline.shape[1:3])
    for row in range(40):
        image = np.full((1, *shape), 128, np.uint8)
        image[:, row] = np.random.default_rng(row).integers(0, 256, (40, 1))
        if not np.allclose(np.asarray(maps_of(image))[0][middle], baseline[0][middle], atol=1e-6):
            influential_rows.add(row)
    assert max(influential_rows) - min(influential_rows) + 1 <= field
    # Max pooling may ignore the outermost rows; all others must matter.
    assert len(influential_rows) >= field - (2 if any(isinstance(layer, Pooling) for layer in layers) else 0)


def keras_outputs(model):
    """Numbers that Keras' layers put out for one image, without the input and the rescaled input."""
    return sum(math.prod(layer.output.shape[1:]) for layer in model.layers if layer.name not in ("image", "rescaling"))


@pytest.mark.parametrize(
    ("name", "total", "non_trainable", "kilobytes"),
    [
        ("tutorial", 122_570, 0, 205),
        ("tutorial-global", 119_946, 0, 280),
        ("tutorial-bn", 123_018, 448, 290),
        ("resnet-small", 839_530, 1_824, 1_219),
    ],
)
def test_totals_of_the_presets_on_cifar10_are_those_of_keras(name, total, non_trainable, kilobytes):
    model = build(preset(name), (32, 32, 3), 10)
    costs = layer_costs(preset(name), (32, 32, 3), 10)
    assert sum(cost.parameters + cost.measured for cost in costs) == model.count_params() == total
    assert sum(cost.measured for cost in costs) == non_trainable
    assert non_trainable == sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    assert sum(cost.bytes for cost in costs) == 4 * keras_outputs(model)
    assert round(4 * keras_outputs(model) / 1000) == kilobytes


@settings(max_examples=20, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_numbers_and_measured_parameters_of_any_architecture_are_those_of_keras(architecture):
    costs, model = layer_costs(architecture, SHAPE, 3), build(architecture, SHAPE, 3)
    assert sum(cost.numbers for cost in costs) == keras_outputs(model)
    seeds = [weight for weight in model.non_trainable_variables if "seed" in weight.path]
    measured = sum(math.prod(weight.shape) for weight in model.non_trainable_variables) - 2 * len(seeds)
    assert sum(cost.measured for cost in costs) == measured


def influence(architecture, shape, axis):
    """Which rows (axis 0) or columns (1) change which cells of each Keras layer: {name: bool (lines, cells, cells)}.

    All weights and inputs are positive and windows are averaged, so that nothing cancels.
    """
    layers = tuple(
        replace(layer, operation="average") if isinstance(layer, Pooling | GlobalPooling) else layer
        for layer in architecture.layers
    )
    model = build(Architecture("own", layers), shape, 2)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            layer.kernel.assign(np.ones(layer.kernel.shape) / math.prod(layer.kernel.shape[:-1]))
    lines = np.zeros((shape[axis], *shape), np.uint8)
    for number in range(shape[axis]):
        lines[number].swapaxes(0, axis)[number] = 255
    outputs = keras.Model(model.inputs, {layer.name: layer.output for layer in model.layers[1:]})(lines)
    return {name: np.asarray(values)[..., 0] > 0 for name, values in outputs.items() if values.ndim == 4} | {
        name: np.asarray(values).max(axis=1) > 0 for name, values in outputs.items() if values.ndim == 2
    }


@pytest.mark.parametrize("name", ["tutorial", "tutorial-bn", "tutorial-global", "resnet-small"])
def test_what_the_layers_of_a_preset_see_is_what_changes_their_numbers(name):
    costs = layer_costs(preset(name), (32, 32, 3), 10)
    rows, columns = (influence(preset(name), (32, 32, 3), axis) for axis in (0, 1))
    seen = {layer: (int(rows[layer].any(axis=tuple(range(1, rows[layer].ndim))).sum()),) * 2 for layer in rows}
    assert costs[-1].seen == seen["logits"]
    last_map = [layer for layer, values in rows.items() if values.ndim == 3][-1]
    sees_all = rows[last_map].all(axis=0) & columns[last_map].all(axis=0)
    cost = next(cost for cost in costs[::-1] if len(cost.shape) == 3)
    assert cost.shape[:2] == sees_all.shape
    assert cost.seeing_all == pytest.approx(sees_all.mean())
    assert cost.seen == seen[last_map]


def test_the_tutorials_pooling_leaves_out_the_last_two_rows_and_columns():
    assert [cost.seen for cost in layer_costs(preset("tutorial"), (32, 32, 3), 10)][-3:] == [(30, 30)] * 3
