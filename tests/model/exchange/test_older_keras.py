"""Files that this app writes open in older versions of Keras 3, with the same answers."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnn.model import store
from cnn.model.exchange import package
from cnn.model.predict import predictor
from tests.model.exchange.foreign_models import images, randomise
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


@pytest.mark.timeout(500)
def test_written_files_open_in_older_keras(older_keras: tuple[str, Path], tmp_path: Path) -> None:
    version, folder = older_keras
    cards = [store.card("digits-tutorial"), store.card("cifar10-resnet"), every_layer()]
    for card in cards:
        (tmp_path / f"{card.id}.keras").write_bytes(package.keras_file_with_card(card))
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
