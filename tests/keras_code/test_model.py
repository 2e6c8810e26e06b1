import shutil
import subprocess
import sysconfig

import keras
import numpy as np
import pytest
from hypothesis import given, settings

from cnn.errors import ConfigError
from cnn.keras_code.model import model_code
from cnn.model.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from cnn.model.build import build
from cnn.model.presets import PRESETS, preset
from tests.model.random_architectures import architectures

SHAPE = (10, 9, 3)


@pytest.fixture(autouse=True)
def dtype_policy():
    yield
    keras.config.set_dtype_policy("float32")


def run(code):
    variables = {}
    exec(compile(code, "<model code>", "exec"), variables)
    return variables["model"]


def settings_of(layer):
    """Everything that determines what a layer computes, without names, seeds and initializers."""
    config = layer.get_config()
    for key in ("name", "seed", "kernel_initializer", "dtype", "activation"):
        config.pop(key, None)
    return type(layer).__name__, getattr(layer, "activation", None), layer.compute_dtype, config


def assert_same_network(generated, built):
    assert [settings_of(layer) for layer in generated.layers] == [settings_of(layer) for layer in built.layers]
    assert [weight.shape for weight in generated.weights] == [weight.shape for weight in built.weights]
    generated.set_weights(built.get_weights())
    images = np.random.default_rng(0).integers(0, 256, (3, *built.input_shape[1:]), dtype=np.uint8)
    np.testing.assert_allclose(generated(images), built(images), atol=1e-6)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_code_builds_the_same_network_as_build(architecture):
    assert_same_network(run(model_code(architecture, SHAPE, 4)), build(architecture, SHAPE, 4))


@pytest.mark.parametrize("name", PRESETS)
def test_code_of_every_preset_builds_that_preset(name):
    assert_same_network(run(model_code(preset(name), (32, 32, 3), 10)), build(preset(name), (32, 32, 3), 10))


def test_code_with_mixed_precision_builds_the_same_network_as_build():
    architecture = Architecture(
        "own", (Convolution(4, batch_norm=True), Pooling("average"), Flatten(), Dense(5, "tanh", bias=False))
    )
    generated = run(model_code(architecture, SHAPE, 4, dtype="mixed_bfloat16"))
    assert_same_network(generated, build(architecture, SHAPE, 4, dtype="mixed_bfloat16"))


def test_tutorial_reads_as_the_tutorial():
    assert (
        model_code(preset("tutorial"), (32, 32, 3), 10)
        == """\
import keras
from keras import layers

inputs = keras.Input((32, 32, 3), dtype="uint8")
x = layers.Rescaling(1 / 255)(inputs)
x = layers.Conv2D(32, 3, activation="relu")(x)
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(64, 3, activation="relu")(x)
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(64, 3, activation="relu")(x)
x = layers.Flatten()(x)
x = layers.Dense(64, activation="relu")(x)
outputs = layers.Dense(10)(x)  # logits: softmax makes them probabilities
model = keras.Model(inputs, outputs)
"""
    )


def test_code_is_formatted_as_by_ruff(tmp_path):
    ruff = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    wide = Architecture("own", (Convolution(1000, 15, dilation=8, padding="same", activation="sigmoid", bias=False),))
    for index, architecture in enumerate([wide, *map(preset, PRESETS)]):
        (tmp_path / f"{index}.py").write_text(model_code(architecture, (32, 32, 3), 10))
    for command in (["format", "--check"], ["check", "--select", "E,F,I,UP,B"]):
        finished = subprocess.run([ruff, *command, "--isolated", "--line-length", "110", tmp_path], capture_output=True)
        assert finished.returncode == 0, finished.stdout.decode() + finished.stderr.decode()


def test_code_of_an_impossible_architecture_is_refused():
    with pytest.raises(ConfigError, match="Layer 1"):
        model_code(Architecture("own", (Dense(3),)), SHAPE, 2)
