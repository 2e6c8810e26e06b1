"""Files that this app writes open in older versions of Keras 3, with the same answers."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnn import __main__ as command_line
from cnn.model import store
from cnn.model.exchange import foreign_process, package
from cnn.model.exchange.keras_layers import LAYERS
from cnn.model.exchange.pixel_scaling import scale_pixels
from cnn.model.predict import predictor
from tests.model.exchange.foreign_models import images, randomise, saved
from tests.model.exchange.model_files import save_run_model

ASK = """
import sys, numpy as np, keras
assert keras.__version__ == sys.argv[1], keras.__version__
for name in sys.argv[3:]:
    model = keras.saving.load_model(f"{sys.argv[2]}/{name}.keras")
    np.save(f"{sys.argv[2]}/{name}.npy", model(np.load(f"{sys.argv[2]}/{name}-images.npy"), training=False))
"""


@pytest.fixture(scope="session", params=["3.10.0", "3.12.0"])
def older_keras(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """(version, a folder with that version of Keras alone); the test is skipped if pip cannot fetch it."""
    version = request.param
    folder = tmp_path_factory.mktemp(f"keras-{version}")
    # The proxy that keeps tests off the network is not for pip, which asks its own index only.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), f"keras=={version}"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip did not fetch Keras {version} within two minutes")
    if done.returncode:
        pytest.skip(f"pip cannot fetch Keras {version} here: {done.stderr.strip().splitlines()[-1:]}")
    return version, folder


def every_layer() -> store.Card:
    """A model with each kind of layer that the app builds, besides those of the pretrained models."""
    import keras

    inputs = keras.Input((32, 32, 3), dtype="uint8", name="image")
    x = keras.layers.Rescaling(1 / 255, name="rescaling")(inputs)
    x = keras.layers.Conv2D(4, 3, padding="same", kernel_initializer="he_normal")(x)
    x = keras.layers.BatchNormalization()(x)
    y = keras.layers.SeparableConv2D(4, 3, padding="same")(keras.layers.ReLU()(x))
    y = keras.layers.DepthwiseConv2D(3, padding="same", depthwise_initializer="he_uniform")(y)
    x = keras.layers.Concatenate()([keras.layers.Add()([x, y]), y])
    x = keras.layers.AveragePooling2D(2)(keras.layers.ZeroPadding2D(1)(x))
    x = keras.layers.Dropout(0.1)(keras.layers.GlobalAveragePooling2D()(x))
    model = randomise(keras.Model(inputs, keras.layers.Dense(10)(x)))
    return save_run_model("every-layer", "cifar10", model, list("abcdefghij"))


def brought_with_every_kind(folder: Path) -> store.Card:
    """A network from elsewhere with each kind of layer that can be brought in."""
    import keras

    k = keras.layers
    inputs = keras.Input((16, 20, 3))
    normalisation = k.Normalization()
    normalisation.adapt(images((16, 20, 3)).astype(np.float32))
    x = k.Cropping2D(1)(k.ZeroPadding2D(2)(normalisation(k.Rescaling(2.0)(inputs))))
    x = k.Conv2D(6, 3, strides=2, activation="gelu")(x)
    y = k.PReLU(shared_axes=[1, 2])(k.SeparableConv2D(6, 3, padding="same")(x))
    z = k.ELU()(k.LayerNormalization()(k.DepthwiseConv2D(3, padding="same")(y)))
    z = k.LeakyReLU()(k.Multiply()([z, k.Softmax()(z)]))
    merged = [kind()([x, y]) for kind in (k.Add, k.Average, k.Maximum, k.Minimum)]
    x = k.BatchNormalization()(k.Concatenate()([*merged, k.Subtract()([x, z])]))
    x = k.AveragePooling2D(2)(k.Activation("hard_silu")(x))
    x = k.ReLU(6.0)(k.MaxPooling2D(2)(x))
    ends = [k.Flatten()(k.Reshape((2, 2, 30))(x)), k.GlobalMaxPooling2D()(x), k.GlobalAveragePooling2D()(x)]
    x = k.Dropout(0.1)(k.Concatenate()(ends))
    path = saved(randomise(keras.Model(inputs, k.Dense(3, activation="softmax")(x))), folder / "every-kind.keras")
    model, understood = foreign_process.rebuild(path, "“every-kind.keras”")
    assert {layer.kind for layer in understood.layers} == set(LAYERS)
    scale_pixels(model, "imagenet-torch")
    return save_run_model("every-kind", "cifar10", model, list("abc"))


@pytest.fixture(scope="module")
def trained_by_command(laid_out_digits: Path, tmp_path_factory: pytest.TempPathFactory) -> list[store.Card]:
    """What ``python -m cnn train`` leaves: a network from scratch, and a head on a base."""
    folder = tmp_path_factory.mktemp("trained")
    options = {"scratch": ["--architecture", "tutorial-bn", "--training-images", "64"], "head": ["--base", "built-in"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(laid_out_digits))
        for name, its_own in options.items():
            command = ["train", *its_own, "--epochs", "1", "--batch-size", "32", "--output", str(folder / name)]
            assert command_line.main([*command, "--json"]) == 0
    return [store.card_in(folder / name) for name in options]


@pytest.mark.timeout(500)
def test_written_files_open_in_older_keras(
    older_keras: tuple[str, Path], trained_by_command: list[store.Card], tmp_path: Path
) -> None:
    version, folder = older_keras
    given_away = [store.card("digits-tutorial"), store.card("cifar10-resnet"), every_layer()]
    given_away.append(brought_with_every_kind(tmp_path))
    cards = [*given_away, *trained_by_command]
    for card in cards:
        data = card.file.read_bytes() if card in trained_by_command else package.keras_file_with_card(card)
        (tmp_path / f"{card.id}.keras").write_bytes(data)
        np.save(tmp_path / f"{card.id}-images.npy", images(card.input_shape))
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", ASK, version, str(tmp_path), *[card.id for card in cards]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    for card in cards:
        scores = np.load(tmp_path / f"{card.id}.npy")
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        expected = predictor(store.load_file(card))(images(card.input_shape))
        np.testing.assert_allclose(shifted / shifted.sum(axis=1, keepdims=True), expected, atol=1e-5)


def test_readme_pins_the_keras_that_the_app_pins() -> None:
    pins = (Path(__file__).parents[3] / "requirements.txt").read_text().splitlines()
    assert f"keras=={package.KERAS}" in pins
