"""Own images on the pages of others: none of them, until their owner shares them and after that is taken back."""

from pathlib import Path

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.data import catalog
from cnn.data.own import own_datasets, sharing
from cnn.data.own.set_folders import closed_name
from cnn.jobs import queue
from cnn.model import store
from cnn.training.config import recipe
from pages.shell.menu import all_lessons
from tests.data.own.uploads import WORKSPACE, import_zip, make_two_classes
from tests.model.exchange.model_files import save_run_model
from tests.pages.opening import notices, open_page, texts

SENTENCE = "The images of “Mine” belong to somebody else, who does not share them."


@pytest.fixture
def card(tmp_path: Path) -> store.Card:
    """A model that learned from somebody's own images, with the twelve that were watched and its answers."""
    name, _ = import_zip(tmp_path, make_two_classes(20))
    pixels = keras.Input((64, 64, 3), dtype="uint8")
    maps = keras.layers.Conv2D(2, 3)(keras.layers.Rescaling(1 / 255)(pixels))
    network = keras.Model(pixels, keras.layers.Dense(2)(keras.layers.Flatten()(maps)))
    config = recipe(name, "tutorial").to_dict()
    card = save_run_model("theirs-000", name, network, ["bowl", "cup"], config=config)
    held_out = catalog.load(name, "validation")
    images = held_out.fitted(range(len(held_out)), (64, 64, 3))
    np.savez(card.folder / "watched.npz", images=images, labels=held_out.labels)
    for split in ("validation", "test"):
        answers = np.full((len(catalog.load(name, split)), 2), 0.5, np.float16)
        np.save(card.folder / f"{split}_probabilities.npy", answers)
    return card


@pytest.fixture
def opened(card: store.Card, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been opened of the images: folders of splits, and kept images of a run."""
    files: list[str] = []
    load, read = np.load, catalog._read
    monkeypatch.setattr(catalog, "_read", lambda root, split: files.append(root) or read(root, split))
    monkeypatch.setattr(
        np, "load", lambda file, *args, **kwargs: files.append(str(file)) or load(file, *args, **kwargs)
    )
    return files


def of_images(opened: list[str], card: store.Card) -> list[str]:
    folder = str(own_datasets.folder(card.dataset))
    return [file for file in opened if file.startswith(folder) or file == str(card.folder / "watched.npz")]


def open_as_stranger(file: str, card: store.Card, **query: str) -> AppTest:
    return open_page(file, dataset=card.dataset, model=card.id, **query)


@pytest.mark.parametrize("file", [lesson.file for lesson in all_lessons()])
def test_no_page_opens_an_image_for_somebody_with_the_link(file: str, card: store.Card, opened: list[str]) -> None:
    at = open_as_stranger(file, card)
    assert of_images(opened, card) == []
    assert at.query_params.get("dataset") in (None, [closed_name(card.dataset)], closed_name(card.dataset))
    sharing.share(card.dataset, WORKSPACE, shared=True)
    open_as_stranger(file, card)
    sharing.share(card.dataset, WORKSPACE, shared=False)
    opened.clear()
    at.run()
    open_as_stranger(file, card)
    assert of_images(opened, card) == []


@pytest.mark.parametrize("file", ["images.py", "training.py", "augmentation.py", "evaluation.py"])
def test_a_page_about_them_says_why_there_are_none(file: str, card: store.Card) -> None:
    at = open_as_stranger(file, card)
    assert any(SENTENCE in sentence for sentence in [*notices(at), texts(at)])
    assert not [button for button in at.button if button.key == "training.start"]


def test_the_network_still_answers_other_pictures(card: store.Card) -> None:
    at = open_as_stranger("predict.py", card, picture="photo-cat")
    assert at.session_state["shell.model"] == card.id
    assert "bowl" in texts(at)
    assert "cup" in texts(at)


def test_the_link_of_a_run_shows_curves_and_none_of_the_twelve_images(card: store.Card, opened: list[str]) -> None:
    id = queue.submit("train", recipe(card.dataset, "tutorial").to_dict(), workspace=WORKSPACE, name="Theirs")
    start = {"type": "start", "first_epoch": 0, "epochs": 1, "train": 36, "validation": 4, "parameters": 1}
    queue.append_event(id, {**start, "watched": [[0.5, 0.5]] * 4, "attempt": 1})
    folder = queue.read(id).folder
    (card.folder / "watched.npz").rename(folder / "watched.npz")
    at = open_page("training.py", run=id)
    assert "Theirs" in texts(at)
    assert "Twelve validation images" not in texts(at)
    assert str(folder / "watched.npz") not in opened
    sharing.share(card.dataset, WORKSPACE, shared=True)
    assert "Twelve validation images" in texts(open_page("training.py", run=id))


def test_a_session_follows_what_the_owner_decides(card: store.Card) -> None:
    name = card.dataset
    at = open_page("images.py", dataset=name)
    assert any(SENTENCE in sentence for sentence in notices(at))
    sharing.share(name, WORKSPACE, shared=True)
    at.run()
    assert at.session_state["shell.dataset"] == name
    assert not any(SENTENCE in sentence for sentence in notices(at))
    sharing.share(name, WORKSPACE, shared=False)
    at.run()
    assert at.session_state["shell.dataset"] == closed_name(name)
    assert any(SENTENCE in sentence for sentence in notices(at))
