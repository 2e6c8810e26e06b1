"""The Transfer learning page, opened cold: what it offers, what it costs, and what it shows of a run."""

import json
from pathlib import Path

import pytest

from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import pretrained_bases, store
from cnn.pretrained import transfer_results
from cnn.training import transfer_features
from cnn.training.transfer_config import TransferConfig, config_of
from pages.shell import selection
from tests.pages.opening import open_page, texts

FILE = "transfer_learning.py"


@pytest.fixture
def without_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


def started(at) -> queue.Job:
    at.button(key="transfer.start").click().run()
    assert not at.exception
    run = at.query_params["run"]
    return queue.read(run if isinstance(run, str) else run[0])


def test_it_opens_on_the_stored_run_with_no_data_and_no_weights(without_weights: Path) -> None:
    at = open_page(FILE, dataset="cats_vs_dogs")
    said = texts(at)
    assert "A stored run" in said
    assert "The final exam" in said
    found = transfer_results.measured()
    right, count = found["mobilenet_v2 30"]["test"].values()
    assert f"{right} of {count}" in said or f"on {count:,} images" in said
    assert "are fetched once from storage.googleapis.com, **9 MB**" in said
    assert at.button(key="transfer.weights").label == "Download MobileNetV2's weights (9 MB)"
    assert at.selectbox(key="transfer.base").options == ["the built-in base"]


def test_the_weights_are_asked_for_with_a_click_and_never_without(without_weights: Path) -> None:
    at = open_page(FILE)
    assert queue.jobs(kind="weights") == []
    at.button(key="transfer.weights").click().run()
    (job,) = queue.jobs(kind="weights")
    assert (job.state, job.name) == ("queued", "MobileNetV2's weights")
    run_job(str(queue.read(job.id).folder.parents[1]), job.id)  # there is no network in a test
    at.run()
    assert "there is no connection to it. Nothing half done was kept" in texts(at)
    assert at.button(key="transfer.weights").label.startswith("Download")
    assert not pretrained_bases.has_weights("mobilenet_v2")


def test_a_head_is_trained_watched_and_handed_on(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits")
    assert "First the base looks once at all 1,797 images" in texts(at)
    job = started(at)
    assert config_of(job.settings) == TransferConfig("digits", "built-in")
    assert run_job(str(digits), job.id) == "finished"
    selection.forget_lists()  # known for two seconds at most
    at.run()
    said = texts(at)
    card = store.card(job.id)
    assert f"on {card.test[1]:,} images it had never seen" in said
    assert "What the base makes of these images is kept from before." in said
    assert "Twelve images it never practises on" in said
    table = at.table[0].value
    rungs = ["the head alone", "the last 8 layers", "the last 16 layers", "the whole base, 35 layers"]
    assert list(table.index) == rungs
    assert table["right on the test"].iloc[0].endswith(", yours")
    assert table["right on the test"].iloc[1] == "not tried yet"
    code = str(at.get("code")[0].value)
    assert "whole.layers[-3].output" in code
    compile(code, "page", "exec")


def test_a_rerun_makes_no_base(digits: Path, without_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(FILE, dataset="digits")

    def made(*arguments: object, **more: object) -> None:
        raise AssertionError("A rerun made a base, which takes up to half a second.")

    monkeypatch.setattr(pretrained_bases, "base_model", made)
    at.run()
    assert not at.exception


def test_the_ladder_sets_how_many_layers_learn_and_lab_the_rest(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits", level="lab")
    at.selectbox(key="transfer.layers").set_value("16").run()
    at.number_input(key="transfer.tuning").set_value(2).run()
    at.selectbox(key="transfer.augmentation").set_value("strong").run()
    config = config_of(started(at).settings)
    assert isinstance(config, TransferConfig)
    assert (config.tuned_layers, config.tuning_epochs, config.augmentation.any()) == (16, 2, True)
    assert at.query_params["transfer.layers"] in ("16", ["16"])


def test_a_network_from_scratch_is_trained_beside_it(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits")
    at.button(key="transfer.from_scratch").click().run()
    assert not at.exception
    (job,) = queue.jobs(kind="train")
    assert job.settings["dataset"] == "digits"
    assert "The network from scratch is learning" in texts(at)


def test_the_steps_are_shown_with_the_batch_axis_by_its_name(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits", **{"transfer.view": "steps"})
    said = texts(at)
    assert "144 maps of 4 × 4 numbers, the array (4, 4, 144)" in said
    assert "(32, 4, 4, 144): the first number counts the photos, the batch axis" in said


def test_a_link_to_a_run_that_is_gone_gets_a_sentence(digits: Path) -> None:
    at = open_page(FILE, dataset="digits", run="gone-0000000000000000")
    assert "There is no run with this address" in texts(at)


def test_what_was_measured_is_what_the_configurations_say() -> None:
    found = transfer_results.measured()
    assert set(found) == set(transfer_results.configs())
    for result in found.values():
        assert 0 < result["test"]["correct"] <= result["test"]["count"] == 380
    stored = json.loads((transfer_results.FOLDER / "config.json").read_text())
    assert TransferConfig.from_dict(stored) == transfer_results.configs()[f"mobilenet_v2 {transfer_results.SHOWN}"]
    curve = found[f"mobilenet_v2 {transfer_results.SHOWN}"]["held_out"]
    assert len(curve) == TransferConfig.from_dict(stored).epochs


def test_features_do_not_run_in_the_page(digits: Path, without_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        transfer_features, "extract_features", lambda *arguments: pytest.fail("a page worked out features")
    )
    open_page(FILE, dataset="digits")
