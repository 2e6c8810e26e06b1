"""Networks that any Keras has saved give the answers here that they give there, on every way into the app."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from scipy.special import expit, softmax

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import number_origin
from cnn.errors import CnnError, ConfigError, ModelError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import foreign, foreign_process, package
from cnn.model.exchange.pixel_scaling import PIXELS, scale_pixels
from cnn.model.predict import predictor
from cnn.requests import models as model_requests
from tests.model.exchange.foreign_models import dogs_vs_cats, images, randomise, saved
from tests.model.exchange.model_files import with_members

ME = "w" * 22
FORMATS = ["h5", "keras"]


def rebuild(path: Path, pixels: str = "-1..1") -> tuple[keras.Model, Any]:
    model, understood = foreign_process.rebuild(path, f"“{path.name}”")
    scale_pixels(model, pixels)
    return model, understood


def assert_same_answer(path: Path, original: Any, pixels: str = "-1..1", scale: Callable = lambda x: x / 127.5 - 1):
    """The rebuilt network's scores are those whose probabilities the original gives; returns what was understood."""
    model, understood = rebuild(path, pixels)
    batch = images(understood.input_shape)
    expected = np.asarray(original(scale(batch.astype(np.float32)), training=False))
    scores = np.asarray(model(batch, training=False))
    scores = {"softmax": lambda x: softmax(x, axis=1), "sigmoid": expit, "logits": np.asarray}[understood.ending](
        scores
    )
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(scores, expected, rtol=2e-4, atol=1e-3 * np.ptp(expected))
    assert understood.parameters == original.count_params()
    return understood


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("frozen", [True, False])
def test_the_tutorials_network_saved_by_keras_2(tmp_path: Path, form: str, frozen: bool) -> None:
    tf_keras = pytest.importorskip("tf_keras", reason="tf_keras of requirements-dev.txt is not installed")
    original = dogs_vs_cats(tf_keras, 96, frozen=frozen)
    understood = assert_same_answer(saved(original, tmp_path / f"dogs_vs_cats.{form}"), original)
    assert (understood.outputs, understood.classes, understood.ending) == (1, 2, "logits")
    assert understood.input_shape == (96, 96, 3)
    assert "block_16_project_BN" in [layer.name for layer in understood.layers]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("frozen", [True, False])
def test_the_tutorials_network_saved_by_keras_3(tmp_path: Path, form: str, frozen: bool) -> None:
    original = dogs_vs_cats(keras, 96, frozen=frozen)
    assert_same_answer(saved(original, tmp_path / f"dogs_vs_cats.{form}"), original)


def guide_network(k: Any) -> Any:
    """As Keras' guide "Transfer learning & fine-tuning" builds it: functional, with parts within parts."""
    augment = k.Sequential([k.layers.RandomFlip("horizontal"), k.layers.RandomRotation(0.1)], name="augment")
    part = k.Sequential(
        [
            k.Input((24, 24, 3)),
            k.layers.Conv2D(8, 3, padding="same", use_bias=False, kernel_regularizer=k.regularizers.L2(1e-4)),
            k.layers.BatchNormalization(),
            k.layers.LeakyReLU(),
        ],
        name="part",
    )
    inputs = k.Input((24, 24, 3))
    x = k.layers.Rescaling(1 / 127.5, -1.0)(augment(inputs))
    x = part(x, training=False)
    y = k.layers.SeparableConv2D(8, 3, padding="same", activation="relu")(x)
    x = k.layers.Concatenate()([k.layers.Add()([x, y]), k.layers.DepthwiseConv2D(3, padding="same")(y)])
    x = k.layers.GlobalAveragePooling2D()(x)
    x = k.layers.Dropout(0.2)(x)
    return randomise(k.Model(inputs, k.layers.Dense(4, activation="softmax")(x)))


def shared_network(k: Any) -> Any:
    """One convolution that is used twice, and an end of its own."""
    inputs = k.Input((16, 16, 1))
    shared = k.layers.Conv2D(4, 3, padding="same", activation="relu", name="shared")
    first = k.layers.Conv2D(4, 1)(inputs)
    x = shared(shared(first))
    x = k.layers.Flatten()(k.layers.MaxPooling2D(4)(x))
    return randomise(k.Model(inputs, k.layers.Activation("sigmoid")(k.layers.Dense(1)(x))))


def tutorial_network(k: Any) -> Any:
    """Recipe 1 of the tutorial."""
    pairs = [(k.layers.Conv2D(n, 3, activation="relu"), k.layers.MaxPooling2D(2)) for n in (32, 64)]
    stack = [layer for pair in pairs for layer in pair]
    end = [k.layers.Conv2D(64, 3, activation="relu"), k.layers.Flatten(), k.layers.Dense(64, activation="relu")]
    return randomise(k.Sequential([k.Input((32, 32, 3)), *stack, *end, k.layers.Dense(10)]))


NETWORKS = {"guide": guide_network, "shared": shared_network, "tutorial": tutorial_network}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_of_both_versions_and_formats(tmp_path: Path, form: str, version: int, name: str) -> None:
    k = keras if version == 3 else pytest.importorskip("tf_keras", reason="tf_keras is not installed")
    original = NETWORKS[name](k)
    original.compile("adam", "mse")
    understood = assert_same_answer(saved(original, tmp_path / f"{name}.{form}"), original)
    if name == "guide":
        assert understood.left_out == ("RandomFlip", "RandomRotation")
        assert understood.ending == "softmax"
    if name == "shared":
        assert understood.repeated == ("shared",)
        assert sum(layer.kind == "Conv2D" for layer in understood.layers) == 3
    if name == "tutorial":
        assert understood.parameters == 122_570


@pytest.mark.parametrize("pixels", PIXELS)
def test_pixels_are_scaled_as_keras_scales_them(tmp_path: Path, pixels: str) -> None:
    modes = {"-1..1": "tf", "imagenet": "caffe", "imagenet-torch": "torch"}
    scale = {"0..255": lambda x: x, "0..1": lambda x: x / 255}.get(
        pixels, lambda x: keras.applications.imagenet_utils.preprocess_input(x, mode=modes[pixels])
    )
    padded = [keras.Input((16, 16, 3)), keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(4, 3, activation="relu")]
    original = randomise(keras.Sequential([*padded, keras.layers.Flatten(), keras.layers.Dense(3)]))
    path = saved(original, tmp_path / "scaled.keras")
    model, _ = rebuild(path, pixels)
    batch = images((16, 16, 3))
    expected = np.asarray(original(scale(batch.astype(np.float32))))
    np.testing.assert_allclose(np.asarray(model(batch)), expected, rtol=1e-4, atol=1e-4)
    path = saved(model, tmp_path / "again.keras")
    again = keras.saving.load_model(path)
    np.testing.assert_allclose(np.asarray(again(batch)), expected, rtol=1e-4, atol=1e-4)
    outputs = layer_outputs(again)(batch[:1])
    for channel in range(3):
        origin = number_origin(again, outputs, "rescaling", (2, 3, channel))
        assert origin.result == pytest.approx(float(outputs["rescaling"][0, 2, 3, channel]), rel=1e-4)


UNCOVERED = {
    "groups": keras.layers.Conv2D(4, 3, groups=2, name="odd"),
    "an oblong window": keras.layers.Conv2D(4, (1, 3), name="odd"),
    "a leak": keras.layers.ReLU(negative_slope=0.1, name="odd"),
    "a dense layer on maps": keras.layers.Dense(4, name="odd"),
    "a kind that is not known": keras.layers.LeakyReLU(name="odd"),
}


@pytest.mark.parametrize("case", UNCOVERED)
def test_a_layer_that_is_not_traced_is_named_and_the_others_are(tmp_path: Path, case: str) -> None:
    stack = [keras.layers.Conv2D(4, 3), UNCOVERED[case], keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)]
    original = randomise(keras.Sequential([keras.Input((12, 12, 3)), *stack]))
    model, _ = rebuild(saved(original, tmp_path / "odd.keras"))
    model = keras.saving.load_model(saved(model, tmp_path / "kept.keras"))
    outputs = layer_outputs(model)(images((12, 12, 3), 1))
    with pytest.raises(ModelError, match=r"odd|LeakyReLU"):
        number_origin(model, outputs, "odd", (1, 2, 3))
    for layer, position in (("conv2d", (1, 2, 3)), (model.layers[-1].name, (1,))):
        layer = next(name for name in outputs if name.startswith(layer))
        expected = float(outputs[layer][0][position])
        assert number_origin(model, outputs, layer, position).result == pytest.approx(expected, rel=1e-4, abs=1e-5)


def lambda_h5(path: Path) -> Path:
    return saved(_classifier(keras.layers.Lambda(lambda x: x * 2)), path)


def _classifier(inner: Any) -> Any:
    stack = [keras.layers.Conv2D(2, 3), inner, keras.layers.Flatten(), keras.layers.Dense(3)]
    return keras.Sequential([keras.Input((8, 8, 3)), *stack])


def _inputs_of(shape: tuple, units: int = 3, **dense: Any) -> Any:
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(units, **dense)])


@keras.saving.register_keras_serializable(package="somebody")
class Foreign(keras.layers.Layer):
    def call(self, x):
        return x


def weights_alone(path: Path) -> Path:
    _inputs_of((8, 8, 3)).save_weights(path.with_suffix(".weights.h5"))
    return path.with_suffix(".weights.h5").rename(path)


def linked_h5(path: Path) -> Path:
    """Weights that link to another file of the server."""
    saved(_inputs_of((8, 8, 3)), path)
    secret = saved(_inputs_of((8, 8, 3)), path.with_name("secret.h5"))
    with h5py.File(path, "a") as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        del file[names[0]]
        file[names[0]] = h5py.ExternalLink(str(secret), names[0])
    return path


def bomb_h5(path: Path) -> Path:
    """A file of a few kilobytes that declares a gigabyte of zeros."""
    saved(_inputs_of((8, 8, 3)), path)
    with h5py.File(path, "a") as file:
        file.create_dataset("bomb", (2**28,), "f4", compression="gzip", chunks=(2**20,))
    return path


def nan_h5(path: Path) -> Path:
    model = _inputs_of((8, 8, 3))
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    return saved(model, path)


def changed_config_h5(change: Callable[[dict], None]) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        saved(_classifier(keras.layers.ReLU()), path)
        with h5py.File(path, "a") as file:
            config = json.loads(file.attrs["model_config"])
            change(config)
            file.attrs["model_config"] = json.dumps(config)
        return path

    return make


def layer_of(config: dict, kind: str) -> dict:
    return next(layer for layer in config["config"]["layers"] if layer["class_name"] == kind)


def nested(depth: int) -> dict:
    """A part within a part, ``depth`` times."""
    inner = [nested(depth - 1)] if depth else []
    return {"class_name": "Sequential", "config": {"name": "part", "layers": inner}}


def two_answers(path: Path) -> Path:
    inputs = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()(inputs)
    return saved(keras.Model(inputs, [keras.layers.Dense(2)(flat), keras.layers.Dense(3)(flat)]), path)


# Name of the case: (how the file is made, what the message must say).
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "Lambda": (lambda_h5, "has a Lambda layer, which is program code"),
    "Lambda within a part": (
        lambda path: saved(_classifier(keras.Sequential([keras.layers.Lambda(lambda x: x)])), path),
        "has a Lambda layer",
    ),
    "a custom layer": (lambda path: saved(_classifier(Foreign()), path), "kind “somebody-Foreign”|“somebody-Foreign”"),
    "a layer that is not listed": (
        lambda path: saved(_classifier(keras.layers.UpSampling2D()), path),
        "kind “UpSampling2D”",
    ),
    "a layer from another module": (
        changed_config_h5(lambda config: layer_of(config, "ReLU").update(module="os", class_name="system")),
        "“system” from “os”",
    ),
    "an activation from elsewhere": (
        changed_config_h5(lambda config: layer_of(config, "Conv2D")["config"].update(activation="os.system")),
        "activation = os.system",
    ),
    "too many parts within parts": (
        lambda path: changed_config_h5(lambda config: config["config"].update(layers=[nested(9)]))(path),
        "parts within parts, more than 8 deep",
    ),
    "weights alone": (weights_alone, "weights alone and no layers"),
    "a link to another file": (linked_h5, "do not fit its layers, or are damaged"),
    "a bomb": (bomb_h5, "do not fit its layers, or are damaged"),
    "weights that are not numbers": (nan_h5, "its weights are not numbers"),
    "weights of another size": (
        changed_config_h5(lambda config: layer_of(config, "Dense")["config"].update(units=5)),
        "weights do not fit",
    ),
    "a huge layer": (
        changed_config_h5(lambda config: layer_of(config, "Dense")["config"].update(units=10**8)),
        "weights do not fit|memory",
    ),
    "no image": (lambda path: saved(_inputs_of((20,)), path), "takes inputs of 20"),
    "an image of any size": (
        lambda path: saved(
            keras.Sequential([keras.Input((None, None, 3)), keras.layers.GlobalMaxPooling2D(), keras.layers.Dense(2)]),
            path,
        ),
        "a fixed size of at most 512",
    ),
    "several answers": (two_answers, "1 inputs and 2 answers"),
    "yes or no for each class": (
        lambda path: saved(_inputs_of((8, 8, 3), activation="sigmoid"), path),
        "3 questions, each with yes or no",
    ),
    "another end": (lambda path: saved(_inputs_of((8, 8, 3), activation="tanh"), path), "ends in the activation tanh"),
    "maps as an answer": (
        lambda path: saved(keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)]), path),
        "6 x 6 x 2 numbers, and a row of scores",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(tmp_path: Path, case: str) -> None:
    make, reason = REFUSED[case]
    path = make(tmp_path / "brought.h5")
    with pytest.raises((ModelError, foreign_process.Refused), match=reason) as refused:
        foreign_process.rebuild(path, "“brought.h5”")
    assert str(refused.value).count(". ") == 0
    assert len(str(refused.value)) < 330


def inspected(path: Path) -> queue.Job:
    with path.open("rb") as file:
        id = model_requests.import_model(file, path.name, ME)
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    return queue.read(id)


def test_a_brought_network_is_looked_at_and_kept(tmp_path: Path, digits: Path) -> None:
    """Through both jobs, the separate process and the card, with its answers to the test images."""
    original = randomise(
        keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                keras.layers.Conv2D(4, 3),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
    )
    job = inspected(saved(original, tmp_path / "my digits.h5"))
    assert not store.has_card(job.id)
    with pytest.raises(ConfigError, match="Received 2 names of classes, and this network has 10"):
        model_requests.keep_model(job, ["a", "b"], "0..1", None, ME)
    with pytest.raises(ConfigError, match="no scaling of pixels called"):
        model_requests.keep_model(job, list("0123456789"), "0..2", None, ME)
    id = model_requests.keep_model(job, list("0123456789"), "0..1", None, ME)
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    card = store.card(id)
    assert (card.title, card.dataset, card.input_shape) == ("my digits", "digits", (28, 28, 1))
    assert card.brought
    assert card.measured
    assert not card.one_logit
    assert card.parameters == original.count_params()
    batch = images((28, 28, 1))
    expected = np.asarray(original(batch / 255.0))
    np.testing.assert_allclose(predictor(store.load(id))(batch), expected, atol=1e-5)
    probabilities = np.load(card.folder / "test_probabilities.npy")
    assert probabilities.shape == (card.test[1], 10) == (360, 10)
    assert [job.id for job in queue.jobs()] == [id]  # what was looked at is gone
    again = model_requests.import_model(io.BytesIO(package.keras_file_with_card(card)), "again.keras", ME)
    assert run_job(str(home()), again) == "finished", queue.read(again).reason
    np.testing.assert_allclose(predictor(store.load(again))(batch), expected, atol=1e-5)
    assert store.card(again).brought


def test_classes_without_a_data_set_are_remembered(tmp_path: Path) -> None:
    job = inspected(saved(_inputs_of((8, 12, 3), 1, activation="sigmoid"), tmp_path / "cups.keras"))
    id = model_requests.keep_model(job, [" cup", "bowl"], "-1..1", None, ME)
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    card = store.card(id)
    assert card.class_names == ("cup", "bowl")
    assert card.one_logit
    assert not card.measured
    understood = foreign.read_understood(_looked_at(tmp_path))
    for names in (["cup", "cup"], ["cup", "[x](y)"], ["cup", ""]):
        with pytest.raises(CnnError, match="name"):
            foreign.check_class_names(names, understood)


def _looked_at(tmp_path: Path) -> Path:
    folder = tmp_path / "looked-at"
    folder.mkdir(exist_ok=True)
    path = saved(_inputs_of((8, 12, 3), 1), tmp_path / "cups2.keras")
    foreign.inspect(path, folder, "“cups2.keras”", lambda event: None, lambda: False)
    return folder


def test_a_refusal_from_the_separate_process_is_the_jobs_reason(tmp_path: Path) -> None:
    path = lambda_h5(tmp_path / "hostile.h5")
    with path.open("rb") as file:
        id = model_requests.import_model(file, "hostile.h5", ME)
    assert run_job(str(home()), id) == "failed"
    assert "“hostile.h5” has a Lambda layer, which is program code" in str(queue.read(id).reason)
    assert list(home().rglob("brought/*")) == []
    assert not list(home().rglob("model.keras"))


def test_a_hostile_keras_file_without_a_card_is_refused_at_once(tmp_path: Path) -> None:
    path = saved(_classifier(keras.layers.Lambda(lambda x: x * 2)), tmp_path / "hostile.keras")
    with pytest.raises(ModelError, match="has a Lambda layer"):
        model_requests.import_model(io.BytesIO(path.read_bytes()), "hostile.keras", ME)
    assert queue.jobs() == []


def test_foreign_file_cannot_pass_as_ours(tmp_path: Path) -> None:
    """A card in a file does not open the way for layers that are not listed."""
    path = saved(_classifier(keras.layers.UpSampling2D()), tmp_path / "plain.keras")
    with zipfile.ZipFile(io.BytesIO(package.keras_file_with_card(store.card("digits-tutorial")))) as archive:
        card = archive.read(package.CARD)
    data = with_members(path.read_bytes(), convnet_lab__json=card)
    with pytest.raises(ModelError, match="refused"):
        model_requests.import_model(io.BytesIO(data), "plain.keras", ME)
