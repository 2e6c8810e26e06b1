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
    """What makes a layer compute as it does: names, seeds and initial values aside."""
    config = layer.get_config()
    for key in ("name", "seed", "kernel_initializer", "dtype", "activation"):
        config.pop(key, None)
    return type(layer).__name__, getattr(layer, "activation", None), layer.compute_dtype, config


def assert_same_network(written, built):
    assert [settings_of(layer) for layer in written.layers] == [settings_of(layer) for layer in built.layers]
    assert [weight.shape for weight in written.weights] == [weight.shape for weight in built.weights]
    written.set_weights(built.get_weights())
    images = np.random.default_rng(0).integers(0, 256, (3, *built.input_shape[1:]), dtype=np.uint8)
    np.testing.assert_allclose(written(images), built(images), atol=1e-6)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(architectures(SHAPE))
def test_code_makes_the_network_that_build_makes(architecture):
    assert_same_network(run(model_code(architecture, SHAPE, 4)), build(architecture, SHAPE, 4))


@pytest.mark.parametrize("name", PRESETS)
def test_code_of_every_preset_makes_that_preset(name):
    assert_same_network(run(model_code(preset(name), (32, 32, 3), 10)), build(preset(name), (32, 32, 3), 10))


def test_code_of_mixed_precision_computes_as_build_does():
    architecture = Architecture(
        "own", (Convolution(4, batch_norm=True), Pooling("average"), Flatten(), Dense(5, "tanh", bias=False))
    )
    written = run(model_code(architecture, SHAPE, 4, dtype="mixed_bfloat16"))
    assert_same_network(written, build(architecture, SHAPE, 4, dtype="mixed_bfloat16"))


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


def test_code_is_laid_out_as_ruff_would(tmp_path):
    ruff = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    wide = Architecture("own", (Convolution(1000, 15, dilation=8, padding="same", activation="sigmoid", bias=False),))
    for number, architecture in enumerate([wide, *map(preset, PRESETS)]):
        (tmp_path / f"{number}.py").write_text(model_code(architecture, (32, 32, 3), 10))
    for command in (["format", "--check"], ["check", "--select", "E,F,I,UP,B"]):
        done = subprocess.run([ruff, *command, "--isolated", "--line-length", "110", tmp_path], capture_output=True)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_impossible_network_has_no_code():
    with pytest.raises(ConfigError, match="Layer 1"):
        model_code(Architecture("own", (Dense(3),)), SHAPE, 2)
