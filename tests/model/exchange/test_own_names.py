"""A model that is handed on does not name its author's own images, and comes back to them all the same."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras
import pytest

from cnn.data import catalog
from cnn.data.own import sharing
from cnn.data.own.set_folders import closed_name
from cnn.errors import DatasetError
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.keras_code.evaluation import evaluation_code
from cnn.keras_code.notebook import notebook
from cnn.keras_code.training import training_code
from cnn.model import store
from cnn.model.exchange import formats, package
from cnn.requests import models as model_requests
from cnn.training.config import recipe
from tests.data.own.uploads import STRANGER, WORKSPACE, import_zip, make_two_classes
from tests.model.exchange.model_files import save_run_model


@pytest.fixture
def card(tmp_path: Path) -> store.Card:
    """The card of a model that learned from ``WORKSPACE``'s own images."""
    name, _ = import_zip(tmp_path, make_two_classes(10))
    pixels = keras.Input((64, 64, 3), dtype="uint8")
    logits = keras.layers.Dense(2)(keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels)))
    network = keras.Model(pixels, logits)
    return save_run_model("mine-00000", name, network, ["bowl", "cup"], config=recipe(name, "dense").to_dict())


def all_bytes(data: bytes) -> Iterator[bytes]:
    """The bytes of a file and, if it is a zip, of everything in it, names included."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from all_bytes(archive.read(name))


def exported(card: store.Card, form: str) -> bytes:
    match form:
        case "keras":
            return package.keras_file_with_card(card)
        case "zip":
            return package.package(card)
        case "script":
            return package.predict_script(card).encode()
        case "notebook":
            return notebook("Mine", [], training_code(recipe(card.dataset, "dense")))
        case "evaluation":
            return evaluation_code(card.dataset, card.input_shape, "validation", one_logit=False).encode()
    formats.export(card, form, lambda event: None, lambda: False)
    return formats.export_file(card, form).read_bytes()


@pytest.mark.parametrize("form", ["keras", "zip", "script", "notebook", "evaluation", *formats.FORMATS])
def test_no_export_holds_the_name_that_opens_the_images(card: store.Card, form: str) -> None:
    id = card.dataset.removeprefix("own-").encode()
    parts = list(all_bytes(exported(card, form)))
    assert len(parts) > 1 or form not in ("keras", "zip", "saved-model")
    assert not [part for part in parts if id in part or WORKSPACE.encode() in part]


def bring_in(data: bytes, workspace: str, cnn_home: Path) -> store.Card:
    id = model_requests.import_model(io.BytesIO(data), "mine.keras", workspace)
    assert run_job(str(cnn_home), id) == "finished", queue.read(id).reason
    return store.card(id)


def test_its_author_brings_it_in_again_with_its_images_and_nobody_else_does(card: store.Card, cnn_home: Path) -> None:
    data = package.keras_file_with_card(card)
    again = bring_in(data, WORKSPACE, cnn_home)
    assert store.seen_by(again, WORKSPACE).dataset == card.dataset
    twice = bring_in(package.keras_file_with_card(again), WORKSPACE, cnn_home)
    assert store.seen_by(twice, WORKSPACE).dataset == card.dataset
    theirs = store.seen_by(bring_in(data, STRANGER, cnn_home), STRANGER)
    assert theirs.dataset == closed_name(card.dataset)
    assert theirs.class_names == card.class_names


def test_a_file_from_before_opens_no_images_either(card: store.Card, cnn_home: Path) -> None:
    exported = package.card_for_export(card)
    exported["card"] |= {"dataset": card.dataset, "config": card.config}
    file = io.BytesIO(card.file.read_bytes())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(package.CARD, json.dumps(exported))
    brought = bring_in(file.getvalue(), STRANGER, cnn_home)
    assert store.seen_by(brought, STRANGER).dataset == closed_name(card.dataset)
    assert store.seen_by(brought, WORKSPACE).dataset == card.dataset


def test_another_machine_finds_title_and_classes(
    card: store.Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, name = package.keras_file_with_card(card), closed_name(card.dataset)
    monkeypatch.setenv("CNN_HOME", str(elsewhere := tmp_path / "elsewhere"))
    brought = bring_in(data, WORKSPACE, elsewhere)
    assert store.seen_by(brought, WORKSPACE).dataset == name
    assert (catalog.info(name).title, catalog.info(name).class_names) == ("Mine", ("bowl", "cup"))
    with pytest.raises(DatasetError):
        catalog.load(name, "test")


def test_a_job_opens_no_images_that_its_owner_may_not(card: store.Card, cnn_home: Path) -> None:
    id = model_requests.measure_model(card, STRANGER)
    assert run_job(str(cnn_home), id) == "failed"
    assert "who does not share them" in str(queue.read(id).reason)
    sharing.share(card.dataset, WORKSPACE, shared=True)
    id = model_requests.measure_model(card, STRANGER)
    assert run_job(str(cnn_home), id) == "finished", queue.read(id).reason
