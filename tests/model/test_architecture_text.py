import json

import pytest
from hypothesis import given, settings

from cnn.errors import ConfigError
from cnn.model.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from cnn.model.presets import PRESETS, preset
from cnn.model.shape_inference import first_problem
from tests.model.random_architectures import architectures

SHAPE = (10, 9, 3)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_text_brings_the_same_network_back(architecture):
    back = Architecture.from_text(architecture.to_text())
    assert back.layers == architecture.layers
    assert back.rescaling == architecture.rescaling
    assert first_problem(back, SHAPE) is None


@pytest.mark.parametrize("name", PRESETS)
def test_the_text_of_a_preset_fits_into_an_address(name):
    assert len(preset(name).to_text()) < 1200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"layers": 3}',
        '{"layers": [{"kind": "martian"}]}',
        '{"layers": [{"kind": "dense", "units": "many"}]}',
        '{"layers": [{"kind": "dense"}]}',
        '{"layers": [{"kind": "dropout", "rate": [1]}]}',
        "[" * 9000,
        json.dumps({"layers": [{"kind": "flatten"}] * 2000}),
    ],
)
def test_what_is_no_network_is_said_in_a_sentence(text):
    with pytest.raises(ConfigError):
        Architecture.from_text(text)


def test_the_first_impossible_layer_is_named_with_its_mend():
    layers = (Convolution(4), Pooling(), Convolution(4, 5), Flatten(), Dense(3))
    number, sentence = first_problem(Architecture("own", layers), (10, 10, 1))
    assert number == 3
    assert "covers 5 x 5 cells but only 4 x 4 reach it. Make it smaller" in sentence
    assert first_problem(Architecture("own", (Dense(3), *layers)), (10, 10, 1))[0] == 1
    assert first_problem(preset("tutorial"), (32, 32, 3)) is None
