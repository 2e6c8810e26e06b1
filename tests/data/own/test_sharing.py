"""Who may open a visitor's own images, and under which name everybody else finds a set."""

import json
from pathlib import Path

import pytest

from cnn.data import catalog
from cnn.data.own import own_datasets, set_folders, sharing
from cnn.data.own.set_folders import closed_name, is_closed, is_own, open_name
from cnn.errors import DatasetError
from cnn.home import new_id
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.requests import runs
from cnn.training.config import TrainConfig, recipe
from tests.data.own.uploads import STRANGER, WORKSPACE, import_zip, make_two_classes


@pytest.fixture
def name(tmp_path: Path) -> str:
    """A set of own images of ``WORKSPACE``."""
    return import_zip(tmp_path, make_two_classes(10))[0]


def config_on(name: str) -> TrainConfig:
    return recipe(name, "tutorial", epochs=1)


def test_a_closed_name_has_a_form_of_its_own_and_does_not_change_again() -> None:
    names = [f"own-{new_id()}" for _ in range(200)]
    closed = [closed_name(name) for name in names]
    assert all(is_own(name) and is_closed(name) for name in closed)
    assert not any(is_closed(name) for name in names)
    assert [closed_name(name) for name in closed] == closed
    assert len(set(closed)) == len(names)
    assert closed_name("digits") == "digits"


def test_images_open_for_who_brought_them_alone(name: str) -> None:
    closed = sharing.name_for(name, STRANGER)
    assert closed == closed_name(name) != name
    assert sharing.name_for(name, WORKSPACE) == name
    assert not catalog.is_prepared(closed)
    with pytest.raises(DatasetError, match="“Mine” belong to somebody else, who does not share them"):
        catalog.load(closed, "train")
    for asked in (name, closed):
        sharing.refuse_closed(asked, WORKSPACE)
        with pytest.raises(DatasetError, match="somebody else"):
            sharing.refuse_closed(asked, STRANGER)


def test_title_and_classes_are_found_under_the_closed_name(name: str) -> None:
    opened, closed = catalog.info(name), catalog.info(closed_name(name))
    assert (closed.title, closed.class_names, closed.train) == (opened.title, opened.class_names, opened.train)
    assert closed.name == closed_name(name)
    assert own_datasets.class_counts(closed.name, "train") == own_datasets.class_counts(name, "train")


def test_a_shared_set_opens_for_everybody_until_that_is_taken_back(name: str) -> None:
    assert not sharing.is_shared(name)
    sharing.share(name, WORKSPACE, shared=True)
    assert sharing.is_shared(name)
    assert sharing.name_for(closed_name(name), STRANGER) == name
    sharing.refuse_closed(name, STRANGER)
    sharing.share(name, WORKSPACE, shared=False)
    assert sharing.name_for(name, STRANGER) == closed_name(name)
    assert own_datasets.names(WORKSPACE) == [name]


def test_only_the_owner_shares_and_only_images_that_are_there(name: str) -> None:
    for asked in (name, closed_name(name), f"own-{new_id()}"):
        with pytest.raises(DatasetError):
            sharing.share(asked, STRANGER, shared=True)
    assert sharing.name_for(name, STRANGER) == closed_name(name)
    own_datasets.delete_images(name, WORKSPACE)
    with pytest.raises(DatasetError, match="were deleted before"):
        sharing.share(name, WORKSPACE, shared=True)


def test_a_damaged_description_closes_the_images(name: str) -> None:
    (own_datasets.folder(name) / "info.json").write_text("{")
    assert sharing.name_for(name, STRANGER) == sharing.name_for(name, WORKSPACE) == closed_name(name)


def test_names_of_classes_without_images_are_nobodys(cnn_home: Path) -> None:
    came_with_a_model = f"own-{new_id()}"
    own_datasets.folder(came_with_a_model).mkdir(parents=True)
    (own_datasets.folder(came_with_a_model) / "info.json").write_text(json.dumps({"workspace": ""}))
    assert sharing.name_for(came_with_a_model, STRANGER) == came_with_a_model
    assert sharing.name_for(unknown := f"own-{new_id()}", STRANGER) == unknown
    assert open_name(closed_name(unknown)) == closed_name(unknown)


def test_a_set_that_comes_later_is_found_by_its_closed_name(name: str, tmp_path: Path) -> None:
    assert open_name(closed_name(name)) == name
    (tmp_path / "second").mkdir()
    second, _ = import_zip(tmp_path / "second", make_two_classes())
    assert open_name(closed_name(second)) == second


def test_a_stranger_cannot_train_with_a_name_they_were_not_given(name: str) -> None:
    for asked in (name, closed_name(name)):
        with pytest.raises(DatasetError, match="somebody else"):
            runs.train(config_on(asked), STRANGER)
    assert queue.jobs() == []
    sharing.share(name, WORKSPACE, shared=True)
    assert runs.train(config_on(name), STRANGER)


def test_a_run_that_waits_does_not_begin_once_sharing_is_taken_back(name: str, cnn_home: Path) -> None:
    sharing.share(name, WORKSPACE, shared=True)
    id = runs.train(config_on(name), STRANGER)
    sharing.share(name, WORKSPACE, shared=False)
    assert run_job(str(cnn_home), id) == "failed"
    assert "who does not share them" in str(queue.read(id).reason)
    assert not (queue.read(id).folder / "watched.npz").exists()
    assert runs.latest_run(STRANGER, closed_name(name)).id == id


def test_the_map_of_names_is_read_once_a_change(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_name(closed_name(name))
    monkeypatch.setattr(set_folders.Path, "glob", lambda self, pattern: pytest.fail("looked again"))
    assert open_name(closed_name(name)) == name
