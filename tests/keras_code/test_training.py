import io
import math
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import replace
from itertools import product
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image
from sklearn.utils.class_weight import compute_class_weight
from tensorflow_datasets.core import constants

import cnn
from cnn.data import catalog
from cnn.data.augmentation.settings import Augmentation
from cnn.data.datasets import VALIDATION_FRACTION
from cnn.data.own import importer, own_datasets
from cnn.keras_code.training import loading_code, training_code
from cnn.model.architectures import Architecture, Convolution, Flatten, Pooling, Residual
from cnn.model.build import build
from cnn.training.config import OPTIMIZERS, SCHEDULES, TrainConfig, recipe
from cnn.training.optimizer import build_optimizer
from tests.prepared_data import link_data

TINY = Architecture("own", (Pooling(size=4), Convolution(4, batch_norm=True), Residual(6), Flatten()))
EVERYTHING = TrainConfig(
    architecture=replace(TINY, rescaling="symmetric"),
    epochs=2,
    batch_size=64,
    optimizer="sgd",
    learning_rate=0.01,
    schedule="one-cycle",
    weight_decay=0.005,
    augmentation="strong",
    training_images=150,
    seed=3,
    early_stopping=2,
    mixed_precision=True,
    class_weights=True,
    shuffled_labels=True,
    shuffled_pixels=True,
)


@pytest.fixture(autouse=True)
def dtype_policy():
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Folder where TFDS generates ``digits`` for the first script that loads it."""
    return tmp_path_factory.mktemp("tensorflow_datasets")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs a training script in an empty folder and returns its variables."""

    def run(config, data_dir):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(constants, "DATA_DIR", str(data_dir))
        variables = {}
        exec(compile(training_code(config), "<training code>", "exec"), variables)
        return variables

    return run


def assert_same_network(model, config, classes):
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    built = build(config.network, config.input_shape, classes, dtype=dtype)
    assert [type(layer) for layer in model.layers] == [type(layer) for layer in built.layers]
    assert [weight.shape for weight in model.weights] == [weight.shape for weight in built.weights]
    model.set_weights(built.get_weights())
    images = np.random.default_rng(0).integers(0, 256, (3, *config.input_shape), dtype=np.uint8)
    np.testing.assert_allclose(model(images), built(images), atol=1e-6)


def test_digits_are_trained_evaluated_and_saved(run, data, tmp_path):
    config = TrainConfig(epochs=1)
    script = run(config, data)
    assert len(script["x_val"]) == round(1437 * VALIDATION_FRACTION)
    assert len(script["x_train"]) + len(script["x_val"]) == catalog.info("digits").train
    assert len(script["x_test"]) == catalog.info("digits").test
    rows = [{image.tobytes() for image in script[name]} for name in ("x_train", "x_val", "x_test")]
    assert len(set.union(*rows)) == sum(map(len, rows)) == 1797
    assert script["x_train"].dtype == np.uint8
    assert script["model"].history.epoch == [0]
    assert script["model"].history.history["val_accuracy"][0] > 0.5
    saved = keras.saving.load_model(tmp_path / "my_network.keras")
    np.testing.assert_allclose(saved(script["x_test"][:5]), script["model"](script["x_test"][:5]), atol=1e-6)
    assert_same_network(script["model"], config, 10)


def test_script_with_every_setting_does_what_they_say(run, data):
    script = run(EVERYTHING, data)
    model = script["model"]
    assert len(script["x_train"]) == len(script["y_train"]) == 150
    assert model.history.epoch == [0, 1]
    assert model.history.params["steps"] == 3
    augmented, labels = next(iter(tfds.as_numpy(script["train"])))
    assert augmented.shape == (64, 32, 32, 1) and augmented.dtype == np.uint8
    assert len(labels) == 64
    order = script["order"]
    assert sorted(order) == list(range(32 * 32))
    plain = tfds.load("digits", split=["train[:150]", "train[90%:]", "test"], as_supervised=True, batch_size=-1)
    for name, (images, _) in zip(("x_train", "x_val", "x_test"), tfds.as_numpy(plain), strict=True):
        np.testing.assert_array_equal(script[name].reshape(-1, 1024), images.reshape(-1, 1024)[:, order])
    # The grey square covers a quarter of each side, 8 x 8 pixels; half of it may hang over an edge, or over two.
    assert ((augmented == 128).sum(axis=(1, 2, 3)) >= 16).all()
    expected = compute_class_weight("balanced", classes=np.arange(10), y=script["y_train"])
    assert list(script["class_weight"].values()) == pytest.approx(expected.tolist())
    np.testing.assert_allclose(script["w_val"], expected[script["y_val"]])
    assert_same_network(model, EVERYTHING, 10)


def test_script_smooths_and_mixes_labels(run, data):
    config = TrainConfig(architecture=TINY, epochs=1, training_images=150, label_smoothing=0.1, mix_up=0.4, cut_mix=1.0)
    script = run(config, data)
    model = script["model"]
    assert model.history.params["steps"] == 5
    assert model.loss.get_config()["label_smoothing"] == 0.1
    images, labels = next(iter(tfds.as_numpy(script["train"])))
    assert images.shape == (32, 32, 32, 1) and images.dtype == np.uint8
    assert labels.shape == (32, 10)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert ((labels > 0).sum(axis=1) > 1).any()
    right = np.asarray(model(script["x_val"])).argmax(axis=1) == script["y_val"].argmax(axis=1)
    assert model.history.history["val_accuracy"][0] == pytest.approx(right.mean(), abs=1e-6)
    assert_same_network(model, config, 10)


def test_photos_are_those_of_the_app(run, prepared_data, laid_out, cnn_home):
    link_data(cnn_home, laid_out("cats_vs_dogs"), "cats_vs_dogs")
    config = TrainConfig(
        "cats_vs_dogs", Architecture("own", (Pooling(size=8), Flatten())), epochs=1, training_images=64
    )
    script = run(config, prepared_data / "tfds")
    assert script["x_train"].shape == (64, 64, 64, 3)
    assert script["x_val"].shape == script["x_test"].shape == (380, 64, 64, 3)
    assert script["x_test"].dtype == np.uint8 and script["x_test"].std() > 30
    assert set(script["y_test"]) == {0, 1}
    np.testing.assert_array_equal(script["x_test"], images_of("cats_vs_dogs", "test"))
    np.testing.assert_array_equal(script["x_val"], images_of("cats_vs_dogs", "validation"))
    assert_same_network(script["model"], config, 2)


@pytest.fixture
def own_images(tmp_path):
    """Name of a data set of own images, whose files are also in ``my_images``, where scripts look for them."""
    files = []
    for index in range(20):
        pixels = np.random.default_rng(index).integers(0, 256, (40 + index, 60, 3), np.uint8)
        path = tmp_path / "my_images" / ("cup", "bowl")[index % 2] / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        files.append((f"{path.parent.name}/{path.name}", io.BytesIO(path.read_bytes())))
    settings = {"dataset": own_datasets.store_upload(files, "me"), "title": "Mine", "workspace": "me", "created": 1.0}
    importer.run_job(tmp_path, settings, lambda event: None, lambda: False)
    return settings["dataset"]


def test_own_images_are_read_from_their_folders(run, own_images, tmp_path):
    config = TrainConfig(own_images, Architecture("own", (Pooling(size=8), Flatten())), epochs=1, batch_size=4)
    script = run(config, tmp_path)
    assert [len(script[name]) for name in ("x_train", "x_val", "x_test")] == [16, 2, 2]
    assert script["names"] == list(catalog.info(own_images).class_names)
    # Up to 256 pixels a side the app keeps images without loss, so the arrays are equal.
    ours = {image.tobytes() for part in ("train", "validation", "test") for image in images_of(own_images, part)}
    assert ours == {image.tobytes() for name in ("x_train", "x_val", "x_test") for image in script[name]}
    assert len(ours) == 20
    assert_same_network(script["model"], config, 2)


def images_of(name, part):
    split = catalog.load(name, part)
    return split.take(range(len(split)))


def output_of_loading_code(name, tmp_path, monkeypatch, capsys, data_dir) -> list[str]:
    """Lines that the code of the Images page prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "DATA_DIR", str(data_dir))
    exec(loading_code(catalog.info(name)), {})
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("(")]


@pytest.mark.parametrize("name", ["digits", "cats_vs_dogs", "own"])
def test_loading_code_prints_shape_and_class_of_three_images(name, request, data, tmp_path, monkeypatch, capsys):
    if name == "own":
        name = request.getfixturevalue("own_images")
    data_dir = (
        data if name == "digits" else request.getfixturevalue("prepared_data") / "tfds" if name != "own" else tmp_path
    )
    lines = output_of_loading_code(name, tmp_path, monkeypatch, capsys, data_dir)
    dataset_info = catalog.info(name)
    assert len(lines) == 3
    for line in lines:
        shape, label = line.rsplit(" ", 1)
        assert label in dataset_info.class_names
        assert len(eval(shape)) == 3
        if dataset_info.shape[0] or dataset_info.own:
            assert eval(shape) == dataset_info.network_shape


@pytest.mark.parametrize(("optimizer", "schedule"), [*product(OPTIMIZERS, SCHEDULES)])
@pytest.mark.parametrize("weight_decay", [None, 0.0, 0.01])
def test_optimizer_equals_that_of_a_run(optimizer, schedule, weight_decay):
    config = TrainConfig(
        optimizer=optimizer, schedule=schedule, weight_decay=weight_decay, learning_rate=0.03, epochs=7, batch_size=50
    )
    text = training_code(config)
    start = text.index("steps =" if schedule != "constant" else "model.compile")
    variables = {"keras": keras, "math": math, "x_train": range(1293)}
    variables["model"] = model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    exec(text[start : text.index("model.fit")], variables)
    expected, generated = build_optimizer(config, 26), model.optimizer
    assert type(generated) is type(expected)
    assert generated.get_config() | {"name": ""} == expected.get_config() | {"name": ""}
    assert model.loss.get_config()["from_logits"]


def test_default_settings_give_a_short_script():
    text = training_code(TrainConfig())
    for unused in (
        "import numpy",
        "tensorflow as tf",
        "math",
        "vary",
        "rate =",
        "stop",
        "policy",
        "Experiment",
        "weight_decay",
        "class_weight",
    ):
        assert unused not in text
    assert len(text.splitlines()) < 40


@pytest.mark.parametrize("name", catalog.names())
def test_every_data_set_is_loaded_by_its_tfds_name(name):
    text = training_code(recipe(name, "tutorial"))
    dataset_info = catalog.info(name)
    assert f'tfds.load("{dataset_info.builder}"' in text
    assert ("import cnn.data." in text) == dataset_info.builtin
    for line in text.splitlines():
        if line.startswith("import cnn.data."):
            exec(line, {})
    assert tfds.builder_cls(dataset_info.builder.partition("/")[0]).name == dataset_info.builder.partition("/")[0]


def test_scripts_are_formatted_as_by_ruff_and_have_no_unused_imports(tmp_path):
    ruff = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    configs = [
        TrainConfig(),
        EVERYTHING,
        replace(EVERYTHING, dataset="cats_vs_dogs", mixed_precision=False, shuffled_labels=False, schedule="cosine"),
        recipe("shapes-left-right", "resnet-small", early_stopping=5, shuffled_labels=True),
        recipe("cifar10", "tutorial-bn", optimizer="adamw", augmentation="turned", training_images=1000),
        recipe(
            "digits", "tutorial", optimizer="adamw", label_smoothing=0.1, mix_up=0.2, cut_mix=1.0, augmentation="light"
        ),
        recipe("digits", "tutorial", label_smoothing=0.1, mix_up=0.2),
        recipe("mnist", "dense", optimizer="rmsprop", schedule="cosine", augmentation=Augmentation(cutout=0.5)),
    ]
    for index, config in enumerate(configs):
        # Built-in data sets are imported for their side effect.
        text = training_code(config).replace("# registers", "# noqa: F401 registers")
        (tmp_path / f"{index}.py").write_text(text)
    for command in (["format", "--check"], ["check", "--select", "E,F,I,UP,B"]):
        finished = subprocess.run([ruff, *command, "--isolated", "--line-length", "110", tmp_path], capture_output=True)
        assert finished.returncode == 0, finished.stdout.decode() + finished.stderr.decode()


def test_writing_a_script_imports_neither_keras_nor_tensorflow():
    write = (
        "import sys; from cnn.keras_code.training import *; training_code(TrainConfig());"
        "print({'tensorflow', 'keras', 'tensorflow_datasets'} & set(sys.modules))"
    )
    root = Path(cnn.__file__).parents[1]
    finished = subprocess.run([sys.executable, "-c", write], capture_output=True, text=True, cwd=root)
    assert finished.stdout == "set()\n", finished.stderr
