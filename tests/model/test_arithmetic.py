import math

import pytest
from hypothesis import given, settings
from random_architectures import architectures

from cnn.errors import ConfigError
from cnn.model.architectures import Architecture, Convolution, Dense, Residual
from cnn.model.arithmetic import costs, multiply_adds
from cnn.model.build import build
from cnn.model.presets import PRESETS, preset

SHAPE = (10, 9, 3)


def trainable(model):
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


@pytest.mark.parametrize("name", PRESETS)
def test_parameters_of_every_preset_are_keras_own(name):
    architecture = preset(name)
    assert sum(cost.parameters for cost in costs(architecture, (32, 32, 3), 10)) == trainable(
        build(architecture, (32, 32, 3), 10)
    )


@settings(max_examples=20, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_parameters_of_any_network_are_keras_own(architecture):
    counted = costs(architecture, SHAPE, 3)
    assert sum(cost.parameters for cost in counted) == trainable(build(architecture, SHAPE, 3))
    assert [cost.shape for cost in counted[-1:]] == [(3,)]


def test_multiply_adds_of_the_tutorial_by_hand():
    by_layer = [cost.multiply_adds for cost in costs(preset("tutorial"), (32, 32, 3), 10)]
    by_hand = [30 * 30 * 27 * 32, 0, 13 * 13 * 288 * 64, 0, 4 * 4 * 576 * 64, 0, 1024 * 64, 64 * 10]
    assert by_layer == by_hand
    assert multiply_adds(preset("tutorial"), (32, 32, 3), 10) == sum(by_hand) == 4_548_608


def test_multiply_adds_of_a_residual_block_count_both_convolutions_and_the_shortcut():
    widening, same = costs(Architecture("own", (Residual(8), Residual(8))), (5, 7, 3), 2)[:2]
    assert widening.multiply_adds == 5 * 7 * (9 * 3 * 8 + 9 * 8 * 8 + 3 * 8)
    assert same.multiply_adds == 5 * 7 * (9 * 8 * 8 * 2)


def test_strides_and_dilation_change_how_often_a_filter_is_applied_not_its_size():
    plain, strided, dilated = (
        costs(Architecture("own", (Convolution(4, 3, **extra),)), (9, 9, 1), 2)[0]
        for extra in ({}, {"strides": 2}, {"dilation": 3})
    )
    assert plain.parameters == strided.parameters == dilated.parameters == 40
    assert [cost.multiply_adds for cost in (plain, strided, dilated)] == [49 * 36, 16 * 36, 9 * 36]


def test_impossible_network_has_no_cost():
    with pytest.raises(ConfigError, match="Layer 1"):
        costs(Architecture("own", (Dense(3),)), SHAPE, 2)
