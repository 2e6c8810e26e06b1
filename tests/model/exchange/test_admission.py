"""Model files from visitors: those of this app are imported on any machine, all others are refused with a reason."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.data.own.set_folders import closed_name
from cnn.errors import CnnError, ModelError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.architectures import Architecture
from cnn.model.build import build
from cnn.model.exchange import admission, confinement, package
from cnn.model.predict import predictor
from cnn.model.presets import preset
from cnn.progress import Stopped
from cnn.requests import models as model_requests
from cnn.training.config import recipe
from cnn.training.transfer_config import TransferConfig, config_of
from tests.model.exchange.model_files import exported_file, file_of, save_run_model, with_card, with_json, with_members
from tests.model.random_architectures import architectures

ME = "w" * 22
OWN = "own-" + "a" * 22


def exported_with(**members: bytes | None) -> bytes:
    """An exported file with members replaced, added or removed."""
    return with_members(exported_file(), **members)


def layer(config: dict, kind: str) -> dict:
    return next(part for part in config["config"]["layers"] if part["class_name"] == kind)


def functional_file(inner: keras.Layer) -> bytes:
    inputs = keras.Input((32, 32, 1), dtype="uint8")
    hidden = keras.layers.Flatten()(inner(keras.layers.Rescaling(1 / 255)(inputs)))
    return file_of(keras.Model(inputs, keras.layers.Dense(10)(hidden)))


@keras.saving.register_keras_serializable(package="somebody")
class Foreign(keras.layers.Layer):
    def call(self, x):
        return x


class Unregistered(keras.layers.Layer):
    def call(self, x):
        return x


def text_file() -> bytes:
    return b"This is a letter, not a network."


def hdf5_file() -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as hdf5:
        hdf5["weights"] = np.zeros(3)
    return file.getvalue()


def mismatched_weights() -> bytes:
    with zipfile.ZipFile(io.BytesIO(exported_file("cifar10-resnet"))) as archive:
        return exported_with(model__weights__h5=archive.read("model.weights.h5"))


def nan_weights() -> bytes:
    card = store.card("digits-tutorial")
    model = store.load_file(card)
    model.layers[-1].set_weights([np.full_like(weight, np.nan) for weight in model.layers[-1].get_weights()])
    return with_members(file_of(model), convnet_lab__json=json.dumps(package.card_for_export(card)).encode())


def flipped_byte() -> bytes:
    data = bytearray(exported_file())
    data[len(data) // 2] ^= 0xFF
    return bytes(data)


def deeply_nested_json() -> bytes:
    return exported_with(config__json=b"[" * 100_000)


def external_weights() -> bytes:
    """Weights that link to another file of the server."""
    (home() / "secret.h5").write_bytes(hdf5_file())
    with zipfile.ZipFile(io.BytesIO(exported_file())) as archive:
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights, "a") as file:
        datasets: list[str] = []
        file.visititems(lambda name, item: datasets.append(name) if isinstance(item, h5py.Dataset) else None)
        del file[datasets[-1]]
        file[datasets[-1]] = h5py.ExternalLink(str(home() / "secret.h5"), "/weights")
    return exported_with(model__weights__h5=weights.getvalue())


def with_foreign_module(config: dict) -> None:
    layer(config, "Dense").update(module="os", class_name="system", registered_name=None)


def with_registered_name(config: dict) -> None:
    layer(config, "Dense").update(registered_name="somebody>Dense")


def with_function_as_initializer(config: dict) -> None:
    layer(config, "Dense")["config"]["kernel_initializer"] = {"module": "builtins", "class_name": "function"}


def with_huge_layer(config: dict) -> None:
    layer(config, "Dense")["config"]["units"] = 30_000_000
    layer(config, "Dense").pop("build_config", None)


def with_settings(**settings: object) -> Callable[[], bytes]:
    return lambda: with_json(lambda config: layer(config, "Dense")["config"].update(settings))


# Name of the case: (file contents, what the message must say).
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a text file": (text_file, "is not a Keras model, whatever its name says"),
    "an empty file": (lambda: b"", "is not a Keras model, whatever its name says"),
    "the first half of a file": (lambda: exported_file()[:200_000], "cut off or damaged"),
    "a flipped byte": (flipped_byte, "cut off or damaged"),
    "deeply nested JSON": (deeply_nested_json, "cut off or damaged"),
    "a zip without a model": (lambda: exported_with(config__json=None), "no Keras model is in it"),
    "an additional member": (lambda: exported_with(evil__py=b"import os"), "holds “evil.py”"),
    "a member outside the folder": (lambda: exported_with(**{"../evil": b"x"}), "holds “..-evil”"),
    "a zip bomb": (
        lambda: exported_with(model__weights__h5=bytes(101 * 2**20)),
        "would unpack to more than 100 MB",
    ),
    "a Lambda layer": (
        lambda: functional_file(keras.layers.Lambda(lambda x: x * 2)),
        "has a Lambda layer, which is program code",
    ),
    "a custom class": (lambda: functional_file(Foreign()), "needs “somebody-Foreign” from “.*test_admission”"),
    "an unregistered class": (lambda: functional_file(Unregistered()), "“Unregistered” from “.*test_admission”"),
    "a class in a card's file": (
        lambda: with_json(lambda config: config.update(class_name="Sequential")),
        "not a network of ours but “Sequential”",
    ),
    "a layer within a layer": (
        lambda: functional_file(keras.layers.TimeDistributed(keras.layers.Lambda(lambda x: x))),
        "TimeDistributed|Lambda",
    ),
    "a foreign module": (lambda: with_json(with_foreign_module), "needs “system” from “os”"),
    "a registered name": (lambda: with_json(with_registered_name), "needs “somebody-Dense”"),
    "a function as initializer": (lambda: with_json(with_function_as_initializer), "needs “function” from “builtins”"),
    "LoRA, which makes a large network of a small file": (
        with_settings(lora_rank=5_000_000, lora_alpha=5_000_000),
        "“Dense” with the setting “lora_rank”",
    ),
    "quantisation": (with_settings(quantization_config={"mode": "int8"}), "the setting “quantization_config”"),
    "quantisation by its type": (with_settings(dtype="int8_from_float32"), "the setting “dtype”"),
    "a policy of another type": (
        with_settings(
            dtype={
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "int8_from_float32"},
                "registered_name": None,
            }
        ),
        "numbers of another kind",
    ),
    "a setting of nobody's": (with_settings(gptq_rank=3), "the setting “gptq-rank”|the setting “gptq_rank”"),
    "weights of another model": (mismatched_weights, "is refused: its weights do not fit its layers"),
    "weights in another file": (external_weights, "is refused: its weights do not fit its layers, or are damaged"),
    "NaN weights": (nan_weights, "is refused: its weights are not numbers"),
    "too large to load": (lambda: with_json(with_huge_layer), "takes more memory|do not fit"),
    "another input shape": (
        lambda: with_card(lambda value: value["card"].update(input_shape=[64, 64, 1])),
        "does not take images of 64 x 64 x 1",
    ),
    "a card without classes": (
        lambda: with_card(lambda value: value["card"].pop("class_names")),
        "card in .* is damaged",
    ),
    "a card with an unknown data set": (
        lambda: with_card(lambda value: value["card"].update(dataset="x")),
        "card in .* is damaged",
    ),
    "a card that is a string": (lambda: exported_with(convnet_lab__json=b'"hello"'), "card in .* is damaged"),
    "impossible settings": (
        lambda: with_card(lambda value: value["card"]["config"].update(epochs="<b>")),
        "card of this model is damaged",
    ),
    "classes that are Markdown": (
        lambda: with_card(lambda value: value["card"].update(dataset=OWN, class_names=["[x](http://x)", "b"])),
        "card in .* is damaged",
    ),
}


def admit(data: bytes) -> store.Card:
    """Import a model file and run the job."""
    id = model_requests.import_model(io.BytesIO(data), "mine.keras", ME)
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    return store.card(id)


def files_in_home() -> set[Path]:
    """All but the lock of names, which stays empty."""
    files = (path for path in home().rglob("*") if path.is_file())
    return {path.relative_to(home()) for path in files if path.name != "names.lock"}


@pytest.mark.parametrize("case", REFUSED)
def test_foreign_file_is_refused_with_a_reason_and_changes_nothing(case: str) -> None:
    make_file, reason = REFUSED[case]
    data = make_file()
    save_run_model("before", "digits", store.load("digits-tutorial"), list(store.card("digits-tutorial").class_names))
    before, models = files_in_home(), store.names(ME)
    try:
        id = model_requests.import_model(io.BytesIO(data), "brought.keras", ME)
    except CnnError as error:
        message = str(error)
    else:  # found only by loading the file, so the job fails
        assert run_job(str(home()), id) == "failed"
        message = str(queue.read(id).reason)
        queue.delete(id, ME)
    with pytest.raises(ModelError, match=reason):
        raise ModelError(message)
    assert message.count(". ") == 0  # one sentence
    assert len(message) < 330
    assert store.names(ME) == models
    assert files_in_home() - {Path("queue.lock")} == before
    assert store.load("before").count_params() == store.card("before").parameters


def test_exported_model_predicts_the_same_on_another_machine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = store.card("digits-tutorial")
    data = exported_file()
    monkeypatch.setenv("CNN_HOME", str(tmp_path_factory.mktemp("elsewhere")))
    card = admit(data)
    assert card.title == f"{original.title}, 2"
    assert card.workspace == ME
    fields = ("dataset", "class_names", "input_shape", "parameters", "test", "validation", "epochs", "pixel_seed")
    assert [getattr(card, name) for name in fields] == [getattr(original, name) for name in fields]
    assert config_of(card.config) == config_of(original.config)
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 1), dtype=np.uint8)
    assert np.array_equal(predictor(store.load(card.id))(images), predictor(store.load(original.id))(images))
    assert list(home().rglob("brought/*")) == []
    reimported = admit(package.keras_file_with_card(card))
    assert (reimported.title, reimported.class_names) == (f"{original.title}, 3", card.class_names)


def test_keras_loads_an_exported_file_despite_its_card(tmp_path: Path) -> None:
    (tmp_path / "exported.keras").write_bytes(exported_file())
    model = keras.saving.load_model(tmp_path / "exported.keras")
    assert model.count_params() == store.card("digits-tutorial").parameters


def test_model_of_own_images_is_imported_where_those_are_missing(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored_info = {"title": "Cups", "class_names": ["bowl", "cup"], "train": 12, "test": 2, "validation": 2}
    own_datasets.folder(OWN).mkdir(parents=True)
    (own_datasets.folder(OWN) / "info.json").write_text(
        json.dumps({**stored_info, "workspace": "somebody", "created": 1.0})
    )
    config = recipe(OWN, "tutorial").to_dict()
    model = build(preset("tutorial", (64, 64, 3)), (64, 64, 3), 2)
    data = package.keras_file_with_card(save_run_model("cups", OWN, model, ["bowl", "cup"], config=config))
    assert b"somebody" not in data
    monkeypatch.setenv("CNN_HOME", str(tmp_path_factory.mktemp("elsewhere")))
    closed = closed_name(OWN)
    assert not catalog.is_known(closed)
    card = admit(data)
    info = catalog.info(closed)
    assert (info.title, info.class_names) == ("Cups", ("bowl", "cup"))
    assert (info.train, info.test, info.held_out) == (12, 2, 2)
    assert own_datasets.names("") == own_datasets.names(ME) == []
    assert not catalog.is_prepared(closed)
    assert predictor(store.load(card.id))(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 2)
    changed = with_json(lambda value: value["card"].update(class_names=["a", "b"]), data, package.CARD)
    with pytest.raises(ModelError, match="its classes are not those of “Cups”"):
        admit(changed)


def test_fine_tuned_transfer_model_is_imported(prepared_data: Path) -> None:
    from cnn.model.fine_tuning import unfreeze
    from cnn.model.pretrained_bases import base_model, with_head

    model = with_head(base_model("mobilenet_v2"), 2)
    unfreeze(model, 10)
    model.compile(keras.optimizers.Adam(1e-5), keras.losses.BinaryCrossentropy(from_logits=True))
    config = TransferConfig("cats_vs_dogs", tuned_layers=10).to_dict()
    names = list(catalog.info("cats_vs_dogs").class_names)
    card = admit(package.keras_file_with_card(save_run_model("cats", "cats_vs_dogs", model, names, config=config)))
    assert card.config == config
    images = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), dtype=np.uint8)
    assert np.allclose(predictor(store.load(card.id))(images), predictor(model)(images), atol=1e-6)


@pytest.mark.parametrize("id", ["shapes-tutorial", "cifar10-tutorial", "cifar10-resnet"])
def test_every_pretrained_model_passes_the_check(id: str) -> None:
    checked = admission.check_model_file(io.BytesIO(exported_file(id)), "x.keras")
    assert checked.card["input_shape"] == list(store.card(id).input_shape)


def test_stopped_admission_keeps_nothing() -> None:
    id = model_requests.import_model(io.BytesIO(exported_file()), "mine.keras", ME)
    with pytest.raises(Stopped):
        admission.run_job(queue.read(id).folder, queue.read(id).settings, lambda event: None, lambda: True)
    assert not store.has_card(id)
    assert list(home().rglob("brought/*")) == []


def test_model_that_takes_too_long_to_load_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "SECONDS_TO_LOAD", 0)
    id = model_requests.import_model(io.BytesIO(exported_file()), "slow.keras", ME)
    assert run_job(str(home()), id) == "failed"
    assert "“slow.keras” takes more memory or time to load" in str(queue.read(id).reason)
    assert not store.has_card(id)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(architectures((32, 32, 3)), st.sampled_from(["float32", "mixed_bfloat16"]))
def test_any_model_built_by_this_app_passes_the_check(architecture: Architecture, dtype: str) -> None:
    card = json.dumps(package.card_for_export(store.card("cifar10-tutorial"))).encode()
    data = with_members(file_of(build(architecture, (32, 32, 3), 10, dtype=dtype)), convnet_lab__json=card)
    assert admission.check_model_file(io.BytesIO(data), "own.keras").title == store.card("cifar10-tutorial").title
