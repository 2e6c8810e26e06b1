"""Model files that visitors bring: ours are taken in on a machine that knows nothing of them, others refused."""

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
from cnn.errors import CnnError, ModelError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.architectures import Architecture
from cnn.model.build import build
from cnn.model.exchange import admission, admission_process, package
from cnn.model.predict import predictor
from cnn.model.presets import preset
from cnn.progress import Stopped
from cnn.requests import models as model_requests
from cnn.training.config import recipe
from cnn.training.transfer_config import TransferConfig, config_of
from tests.model.exchange.test_export import saved
from tests.model.random_architectures import architectures

ME = "w" * 22
OWN = "own-" + "a" * 22


def ours(id: str = "digits-tutorial") -> bytes:
    return package.keras_file_with_card(store.card(id))


def rezipped(data: bytes, **members: bytes | None) -> bytes:
    """The zip with members replaced, added, or left out (None); dots are written ``__``."""
    changed = {name.replace("__", "."): content for name, content in members.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        kept = {name: old.read(name) for name in old.namelist()} | changed
        for name, content in kept.items():
            if content is not None:
                new.writestr(name, content)
    return file.getvalue()


def reconfigured(change: Callable[[dict], None], data: bytes | None = None, member: str = "config.json") -> bytes:
    """One of our files with its description, or another JSON member, changed."""
    data = data or ours()
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        config = json.loads(packed.read(member))
    change(config)
    return rezipped(data, **{member.replace(".", "__"): json.dumps(config).encode()})


def recarded(change: Callable[[dict], None]) -> bytes:
    return reconfigured(change, member=package.CARD)


def layer(config: dict, kind: str) -> dict:
    return next(part for part in config["config"]["layers"] if part["class_name"] == kind)


def keras_file(*layers: keras.Layer) -> bytes:
    """A Keras file as any program makes it."""
    return as_file(keras.Sequential([keras.Input((32, 32, 1)), *layers, keras.layers.Flatten()]))


def as_file(model: keras.Model) -> bytes:
    path = home() / "made.keras"
    model.save(path)
    data = path.read_bytes()
    path.unlink()
    return data


def functional(inner: keras.Layer) -> bytes:
    inputs = keras.Input((32, 32, 1), dtype="uint8")
    hidden = keras.layers.Flatten()(inner(keras.layers.Rescaling(1 / 255)(inputs)))
    return as_file(keras.Model(inputs, keras.layers.Dense(10)(hidden)))


@keras.saving.register_keras_serializable(package="somebody")
class Theirs(keras.layers.Layer):
    def call(self, x):
        return x


class Unregistered(keras.layers.Layer):
    def call(self, x):
        return x


def text_file() -> bytes:
    return b"This is a letter, not a network."


def older_format() -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        made["weights"] = np.zeros(3)
    return file.getvalue()


def other_weights() -> bytes:
    with zipfile.ZipFile(io.BytesIO(ours("cifar10-resnet"))) as packed:
        return rezipped(ours(), model__weights__h5=packed.read("model.weights.h5"))


def no_numbers() -> bytes:
    known = store.card("digits-tutorial")
    model = store.load_file(known)
    model.layers[-1].set_weights([np.full_like(weight, np.nan) for weight in model.layers[-1].get_weights()])
    return rezipped(as_file(model), convnet_lab__json=json.dumps(package.card_for_export(known)).encode())


def damaged_within() -> bytes:
    data = bytearray(ours())
    data[len(data) // 2] ^= 0xFF
    return bytes(data)


def nested_without_end() -> bytes:
    return rezipped(ours(), config__json=b"[" * 100_000)


def weights_elsewhere() -> bytes:
    """Weights that are said to lie in another file of the server."""
    (home() / "secret.h5").write_bytes(older_format())
    with zipfile.ZipFile(io.BytesIO(ours())) as packed:
        weights = io.BytesIO(packed.read("model.weights.h5"))
    with h5py.File(weights, "a") as file:
        found: list[str] = []
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
        del file[found[-1]]
        file[found[-1]] = h5py.ExternalLink(str(home() / "secret.h5"), "/weights")
    return rezipped(ours(), model__weights__h5=weights.getvalue())


def foreign_module(config: dict) -> None:
    layer(config, "Dense").update(module="os", class_name="system", registered_name=None)


def registered(config: dict) -> None:
    layer(config, "Dense").update(registered_name="somebody>Dense")


def hidden_in_an_initializer(config: dict) -> None:
    layer(config, "Dense")["config"]["kernel_initializer"] = {"module": "builtins", "class_name": "function"}


def huge(config: dict) -> None:
    layer(config, "Dense")["config"]["units"] = 30_000_000
    layer(config, "Dense").pop("build_config", None)


# What is sent, and what the sentence must say.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a text file": (text_file, "is not a Keras model, whatever its name says"),
    "nothing": (lambda: b"", "is not a Keras model, whatever its name says"),
    "the older format": (older_format, r"in the older format of Keras \(HDF5, .h5\)"),
    "half of it": (lambda: ours()[:200_000], "cut off or damaged"),
    "damaged within": (damaged_within, "cut off or damaged"),
    "nested without end": (nested_without_end, "cut off or damaged"),
    "the zip": (lambda: package.package(store.card("digits-tutorial")), "unzip it, and bring the file model.keras"),
    "another zip": (lambda: rezipped(ours(), config__json=None), "no Keras model is in it"),
    "more than belongs": (lambda: rezipped(ours(), evil__py=b"import os"), "holds “evil.py”"),
    "outside its folder": (lambda: rezipped(ours(), **{"../evil": b"x"}), "holds “..-evil”"),
    "a bomb": (lambda: rezipped(ours(), model__weights__h5=bytes(101 * 2**20)), "would unpack to more than 100 MB"),
    "no card": (lambda: rezipped(ours(), convnet_lab__json=None), "not one from this app: it lacks the card"),
    "a Lambda": (lambda: functional(keras.layers.Lambda(lambda x: x * 2)), "has a Lambda layer, which is program code"),
    "a custom class": (lambda: functional(Theirs()), "needs “somebody-Theirs” from “.*test_admission”"),
    "an unregistered class": (lambda: functional(Unregistered()), "“Unregistered” from “.*test_admission”"),
    "a layer within a layer": (
        lambda: functional(keras.layers.TimeDistributed(keras.layers.Lambda(lambda x: x))),
        "TimeDistributed|Lambda",
    ),
    "not functional": (lambda: keras_file(keras.layers.ReLU()), "not a network of ours but “Sequential”"),
    "a foreign module": (lambda: reconfigured(foreign_module), "needs “system” from “os”"),
    "a registered name": (lambda: reconfigured(registered), "needs “somebody-Dense”"),
    "a hidden function": (lambda: reconfigured(hidden_in_an_initializer), "needs “function” from “builtins”"),
    "other weights": (other_weights, "is refused: its weights do not fit its layers"),
    "weights elsewhere": (weights_elsewhere, "is refused: its weights do not fit its layers, or are damaged"),
    "no numbers": (no_numbers, "is refused: its weights are not numbers"),
    "too large to load": (lambda: reconfigured(huge), "takes more memory|do not fit"),
    "another input": (
        lambda: recarded(lambda told: told["card"].update(input_shape=[64, 64, 1])),
        "does not take images of 64 x 64 x 1",
    ),
    "a card without classes": (lambda: recarded(lambda told: told["card"].pop("class_names")), "card in .* is damaged"),
    "a card of no data set": (lambda: recarded(lambda told: told["card"].update(dataset="x")), "card in .* is damaged"),
    "a card of text": (lambda: rezipped(ours(), convnet_lab__json=b'"hello"'), "card in .* is damaged"),
    "impossible settings": (
        lambda: recarded(lambda told: told["card"]["config"].update(epochs="<b>")),
        "card of this model is damaged",
    ),
    "classes that are Markdown": (
        lambda: recarded(lambda told: told["card"].update(dataset=OWN, class_names=["[x](http://x)", "b"])),
        "card in .* is damaged",
    ),
}


def taken(data: bytes) -> store.Card:
    id = model_requests.admit(io.BytesIO(data), "mine.keras", ME)
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    return store.card(id)


def listing() -> set[Path]:
    return {path.relative_to(home()) for path in home().rglob("*") if path.is_file()}


@pytest.mark.parametrize("sent", REFUSED)
def test_what_is_not_ours_is_refused_with_a_reason_and_nothing_is_lost(sent: str) -> None:
    make, reason = REFUSED[sent]
    data = make()
    saved("before", "digits", store.load("digits-tutorial"), list(store.card("digits-tutorial").class_names))
    before, models = listing(), store.names(ME)
    try:
        id = model_requests.admit(io.BytesIO(data), "brought.keras", ME)
    except CnnError as error:
        said = str(error)
    else:  # what only loading shows: the job says it
        assert run_job(str(home()), id) == "failed"
        said = str(queue.read(id).reason)
        queue.delete(id, ME)
    with pytest.raises(ModelError, match=reason):
        raise ModelError(said)
    assert said.count(". ") == 0  # one sentence
    assert len(said) < 330
    assert store.names(ME) == models
    assert listing() - {Path("queue.lock")} == before
    assert store.load("before").count_params() == store.card("before").parameters


def test_a_model_made_here_is_taken_in_elsewhere_and_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = store.card("digits-tutorial")
    data = ours()
    monkeypatch.setenv("CNN_HOME", str(tmp_path_factory.mktemp("elsewhere")))
    card = taken(data)
    assert card.title == "digits-tutorial, brought in"
    assert card.workspace == ME
    facts = ("dataset", "class_names", "input_shape", "parameters", "test", "validation", "epochs", "pixel_seed")
    assert [getattr(card, name) for name in facts] == [getattr(known, name) for name in facts]
    assert config_of(card.config) == config_of(known.config)
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 1), dtype=np.uint8)
    assert np.array_equal(predictor(store.load(card.id))(images), predictor(store.load(known.id))(images))
    assert list(home().rglob("brought/*")) == []
    again = taken(package.keras_file_with_card(card))  # and from there to a third machine
    assert (again.title, again.class_names) == (card.title, card.class_names)


def test_keras_itself_loads_the_file_with_its_card_in_it(tmp_path: Path) -> None:
    (tmp_path / "taken.keras").write_bytes(ours())
    model = keras.saving.load_model(tmp_path / "taken.keras")
    assert model.count_params() == store.card("digits-tutorial").parameters


def test_a_model_of_ones_own_images_is_loaded_where_they_are_not(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"title": "Cups", "class_names": ["bowl", "cup"], "train": 12, "test": 2, "validation": 2}
    own_datasets.folder(OWN).mkdir(parents=True)
    (own_datasets.folder(OWN) / "info.json").write_text(json.dumps({**about, "workspace": "somebody", "created": 1.0}))
    config = recipe(OWN, "tutorial").to_dict()
    model = build(preset("tutorial", (64, 64, 3)), (64, 64, 3), 2)
    data = package.keras_file_with_card(saved("cups", OWN, model, ["bowl", "cup"], config=config))
    assert b"somebody" not in data
    monkeypatch.setenv("CNN_HOME", str(tmp_path_factory.mktemp("elsewhere")))
    assert not catalog.is_known(OWN)
    card = taken(data)
    known = catalog.info(OWN)
    assert (known.title, known.class_names, known.train, known.test, known.held_out) == (
        "Cups",
        ("bowl", "cup"),
        12,
        2,
        2,
    )
    assert own_datasets.names("") == own_datasets.names(ME) == []
    assert not catalog.is_prepared(OWN)
    assert predictor(store.load(card.id))(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 2)
    changed = reconfigured(lambda told: told["card"].update(class_names=["a", "b"]), data, package.CARD)
    with pytest.raises(ModelError, match="its classes are not those of “Cups”"):
        taken(changed)


def test_a_fine_tuned_transfer_model_is_taken_in(prepared_data: Path) -> None:
    from cnn.model.fine_tuning import unfreeze
    from cnn.model.pretrained_bases import base_model, with_head

    model = with_head(base_model("mobilenet_v2"), 2)
    unfreeze(model, 10)
    model.compile(keras.optimizers.Adam(1e-5), keras.losses.BinaryCrossentropy(from_logits=True))
    config = TransferConfig("cats_vs_dogs", tuned_layers=10).to_dict()
    names = list(catalog.info("cats_vs_dogs").class_names)
    card = taken(package.keras_file_with_card(saved("cats", "cats_vs_dogs", model, names, config=config)))
    assert card.config == config
    images = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), dtype=np.uint8)
    assert np.allclose(predictor(store.load(card.id))(images), predictor(model)(images), atol=1e-6)


@pytest.mark.parametrize("id", ["shapes-tutorial", "cifar10-tutorial", "cifar10-resnet"])
def test_every_model_that_comes_with_the_app_passes_the_check(id: str) -> None:
    assert admission.check_model_file(io.BytesIO(ours(id)), "x.keras").card["input_shape"] == list(
        store.card(id).input_shape
    )


def test_a_stopped_admission_keeps_nothing() -> None:
    id = model_requests.admit(io.BytesIO(ours()), "mine.keras", ME)
    with pytest.raises(Stopped):
        admission.run_job(queue.read(id).folder, queue.read(id).settings, lambda event: None, lambda: True)
    assert not store.has_card(id)
    assert list(home().rglob("brought/*")) == []


def test_what_takes_too_long_to_load_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission_process, "SECONDS_TO_LOAD", 0)
    id = model_requests.admit(io.BytesIO(ours()), "slow.keras", ME)
    assert run_job(str(home()), id) == "failed"
    assert "“slow.keras” takes more memory or time to load" in str(queue.read(id).reason)
    assert not store.has_card(id)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(architectures((32, 32, 3)), st.sampled_from(["float32", "mixed_bfloat16"]))
def test_whatever_can_be_built_here_passes_the_check(architecture: Architecture, dtype: str) -> None:
    card = json.dumps(package.card_for_export(store.card("cifar10-tutorial"))).encode()
    data = rezipped(as_file(build(architecture, (32, 32, 3), 10, dtype=dtype)), convnet_lab__json=card)
    assert admission.check_model_file(io.BytesIO(data), "own.keras").title == "cifar10-tutorial"
