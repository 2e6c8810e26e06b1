"""Architectures survive JSON and URLs unchanged; anything else is refused."""

import json

import pytest
from hypothesis import given, settings

from cnn.errors import ConfigError
from cnn.model.architectures import Architecture, Convolution
from cnn.model.presets import PRESETS, preset
from cnn.model.shape_inference import first_problem, infer_shapes
from tests.model.random_architectures import architectures

SHAPE = (10, 9, 3)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_any_architecture_survives_json(architecture):
    assert Architecture.from_dict(json.loads(json.dumps(architecture.to_dict()))) == architecture


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name):
    assert Architecture.from_dict(json.loads(json.dumps(preset(name).to_dict()))) == preset(name)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_any_architecture_survives_a_url(architecture):
    restored = Architecture.from_text(architecture.to_text())
    assert restored.layers == architecture.layers
    assert restored.rescaling == architecture.rescaling
    assert first_problem(restored, SHAPE) is None


@pytest.mark.parametrize("name", PRESETS)
def test_text_of_every_preset_is_short_enough_for_a_url(name):
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
def test_text_that_is_no_architecture_is_refused(text):
    with pytest.raises(ConfigError):
        Architecture.from_text(text)


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
def test_json_that_is_no_architecture_is_refused(stored):
    with pytest.raises(ConfigError):
        Architecture.from_dict(stored)


def test_wrong_types_are_refused_unknown_settings_ignored_and_impossible_values_left_to_shape_inference():
    def stored(**layer):
        return {"name": "n" * 500, "rescaling": "unit", "layers": [{"kind": "convolution", **layer}]}

    with pytest.raises(ConfigError, match="Layer 1"):
        Architecture.from_dict(stored(filters={"a": 1}))
    architecture = Architecture.from_dict(stored(filters=0, __class__="x"))
    assert architecture.layers == (Convolution(0),)
    assert len(architecture.name) == 60
    with pytest.raises(ConfigError, match="Layer 1"):
        infer_shapes(architecture, SHAPE)
