"""Networks that came without answers to the images of their data set are asked later, as the job does it."""

import io
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from cnn.data import catalog
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import foreign, package
from cnn.progress import Stopped
from cnn.requests import models as model_requests
from tests.model.exchange.foreign_models import randomise, saved
from tests.prepared_data import link_data

ME = "w" * 22
DIGITS = list("0123456789")


def bring(path: Path, class_names: list[str]) -> store.Card:
    """Bring in a file through both jobs."""
    with path.open("rb") as file:
        inspecting = model_requests.import_model(file, path.name, ME)
    assert run_job(str(home()), inspecting) == "finished", queue.read(inspecting).reason
    id = model_requests.keep_model(queue.read(inspecting), class_names, "0..1", None, ME)
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    return store.card(id)


def measure(card: store.Card) -> str:
    id = model_requests.measure_model(card, ME)
    assert model_requests.measure_model(card, "v" * 22) == id
    return run_job(str(home()), id)


def test_a_network_that_came_before_its_data_set_is_asked_afterwards(
    cnn_home: Path, laid_out_digits: Path, tmp_path: Path
) -> None:
    layers = [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(10)]
    original = randomise(keras.Sequential([keras.Input((20, 28, 1)), *layers, keras.layers.Softmax()]))
    card = bring(saved(original, tmp_path / "mine.h5"), DIGITS)
    before = json.loads((card.folder / "card.json").read_text())
    assert (card.dataset, card.measured, model_requests.has_answers(card)) == ("digits", False, False)
    assert measure(card) == "failed"
    assert "is not prepared on this machine yet" in str(model_requests.measure_job(card).reason)
    assert json.loads((card.folder / "card.json").read_text()) == before

    link_data(cnn_home, laid_out_digits, "digits")
    assert measure(card) == "finished"
    after = json.loads((card.folder / "card.json").read_text())
    for split in ("validation", "test"):
        images = catalog.load("digits", split)
        batch = images.fitted(np.arange(len(images)), (20, 28, 1))
        expected = np.asarray(original(batch / 255.0, training=False))
        kept = np.load(card.folder / f"{split}_probabilities.npy")
        np.testing.assert_allclose(kept, expected, atol=1e-3)  # kept in half precision
        correct = int((expected.argmax(axis=1) == images.labels).sum())
        assert after.pop(split) == {"correct": correct, "count": len(images)}
        before.pop(split)
    assert after == before
    measured = store.card(card.id)
    assert (measured.measured, measured.test[1], model_requests.has_answers(measured)) == (True, 360, True)


def test_a_network_that_was_taken_to_another_machine_is_asked_there(digits: Path) -> None:
    """Its file holds its scores, and not its answers to each image."""
    original = store.card("digits-tutorial")
    id = model_requests.import_model(io.BytesIO(package.keras_file_with_card(original)), "taken.keras", ME)
    assert run_job(str(home()), id) == "finished"
    card = store.card(id)
    assert not model_requests.has_answers(card)
    assert measure(card) == "finished"
    assert (store.card(id).test, store.card(id).validation) == (original.test, original.validation)
    for split in ("validation", "test"):
        answers = [np.load(folder / f"{split}_probabilities.npy") for folder in (card.folder, original.folder)]
        np.testing.assert_allclose(*answers, atol=2e-3)


def test_what_is_deleted_or_stopped_meanwhile_stays_so(digits: Path, tmp_path: Path) -> None:
    network = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    card = bring(saved(network, tmp_path / "small.keras"), DIGITS)
    for split in ("validation", "test"):
        (card.folder / f"{split}_probabilities.npy").unlink()
    before = sorted(path.name for path in card.folder.iterdir())
    with pytest.raises(Stopped):
        foreign.run_measure_job(tmp_path, {"model": card.id}, lambda event: None, lambda: True)
    assert sorted(path.name for path in card.folder.iterdir()) == before
    id = model_requests.measure_model(card, ME)
    queue.delete(card.id, ME)
    assert run_job(str(home()), id) == "failed"
    assert "There is no model called" in str(queue.read(id).reason)
    assert not card.folder.exists()
