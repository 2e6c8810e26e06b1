"""The Transfer learning page, opened cold: the weights, the settings, a run, and a run from scratch beside it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.intervals import in_brief
from cnn.data import catalog
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import pretrained_bases, store, summary
from cnn.pretrained import transfer_results
from cnn.training import transfer_features
from cnn.training.transfer_config import TRANSFER_RECIPES, TransferConfig, config_of
from pages.shell import selection
from tests.pages.on_screen import button_keys, linked_pages, mentions
from tests.pages.opening import open_page, texts
from tests.prepared_data import link_data

FILE = "transfer_learning.py"


@pytest.fixture
def without_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


def start_run(at: AppTest) -> queue.Job:
    """Click the button that starts a run; returns its job."""
    at.button(key="transfer.start").click().run()
    assert not at.exception
    run = at.query_params["run"]
    return queue.read(run if isinstance(run, str) else run[0])


def test_it_opens_on_the_stored_run_without_data_and_weights(without_weights: Path) -> None:
    at = open_page(FILE, dataset="cats_vs_dogs")
    results = transfer_results.measured()
    correct, count = results["mobilenet_v2 30"]["test"].values()
    assert mentions(at, correct, count) or mentions(at, f"{count:,} images")
    assert mentions(at, in_brief(*results["scratch"]["validation"].values()))
    assert "storage.googleapis.com" in at.button(key="transfer.weights").help
    assert "(9 MB)" in at.button(key="transfer.weights").label
    assert at.selectbox(key="transfer.base").options == [pretrained_bases.BASES["built-in"].title]


def test_the_weights_are_downloaded_only_after_a_click(without_weights: Path) -> None:
    at = open_page(FILE)
    assert queue.jobs(kind="weights") == []
    at.button(key="transfer.weights").click().run()
    (job,) = queue.jobs(kind="weights")
    assert (job.state, job.name) == ("queued", "MobileNetV2's weights")
    run_job(str(queue.read(job.id).folder.parents[1]), job.id)  # there is no network in a test
    at.run()
    assert "there is no connection to it. Nothing half done was kept" in texts(at)
    assert not at.button(key="transfer.weights").disabled
    assert not pretrained_bases.has_weights("mobilenet_v2")


def test_a_head_is_trained_and_its_run_is_shown(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits")
    assert mentions(at, "1,797 images")
    job = start_run(at)
    assert config_of(job.settings) == TransferConfig("digits", "built-in")
    assert run_job(str(digits), job.id) == "finished"
    selection.forget_lists()  # cached for two seconds
    at.run()
    card = store.card(job.id)
    assert mentions(at, f"{card.test[1]:,} more images")
    assert not mentions(at, "1,797 images")  # the features are cached now
    assert "Twelve validation images" in texts(at)
    assert f"predict?model={job.id}" in linked_pages(at)
    table = at.table[0].value
    assert [re.findall(r"\d+", title) for title in table.index] == [[], ["8"], ["16"], ["35"]]
    accuracies = table["validation accuracy"]
    assert accuracies.iloc[0].startswith(in_brief(*card.validation))
    assert not re.search(r"\d", accuracies.iloc[1])
    code = str(at.get("code")[0].value)
    assert "whole.layers[-3].output" in code
    compile(code, "page", "exec")


def test_two_runs_of_the_ladder_are_compared_by_the_images_that_only_one_has_right(
    digits: Path, without_weights: Path
) -> None:
    at = open_page(FILE, dataset="digits")
    runs = []
    for layers in ("0", "8"):
        at.selectbox(key="transfer.layers").set_value(layers).run()
        job = start_run(at)
        assert run_job(str(digits), job.id) == "finished"
        runs.append(np.load(job.folder / "validation_probabilities.npy").argmax(axis=1))
    selection.forget_lists()
    at.run()
    labels = catalog.load("digits", "validation").labels
    head, tuned = (predicted == labels for predicted in runs)
    gained, lost = int((tuned & ~head).sum()), int((head & ~tuned).sum())
    p_value = binomtest(gained, gained + lost).pvalue
    judgement = "hardly" if p_value < 0.01 else "perhaps not" if p_value < 0.05 else "may well be"
    gains = list(at.table[0].value["compared with only the new head"])
    assert re.match(rf"\+{gained}, −{lost}: .*{judgement}", gains[1])
    assert [gains[0], gains[2]] == ["–", "–"]


def test_a_rerun_builds_no_base(digits: Path, without_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(FILE, dataset="digits")

    def build(*arguments: object, **options: object) -> None:
        raise AssertionError("A rerun built a base, which takes up to half a second.")

    monkeypatch.setattr(pretrained_bases, "base_model", build)
    at.run()
    assert not at.exception


def test_the_ladder_sets_the_tuned_layers_and_lab_the_other_settings(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits", level="lab")
    at.selectbox(key="transfer.layers").set_value("16").run()
    at.number_input(key="transfer.tuning").set_value(2).run()
    at.selectbox(key="transfer.augmentation").set_value("strong").run()
    config = config_of(start_run(at).settings)
    assert isinstance(config, TransferConfig)
    assert (config.tuned_layers, config.tuning_epochs, config.augmentation.any()) == (16, 2, True)
    assert at.query_params["transfer.layers"] in ("16", ["16"])


@pytest.mark.parametrize("level", ["class", "lab"])
def test_the_tutorials_recipe_sets_the_controls_and_can_be_left_again(
    digits: Path, without_weights: Path, level: str
) -> None:
    at = open_page(FILE, dataset="digits", level=level, **{"transfer.layers": "8"})
    at.selectbox(key="transfer.recipe").set_value("tutorial").run()
    assert not at.exception
    assert mentions(at, "cautious recipe", "RMSprop", "0.0001", 3, "epochs", 32)
    assert mentions(at, "Different here", "the built-in base", "categorical cross-entropy")
    config = config_of(start_run(at).settings)
    assert isinstance(config, TransferConfig)
    assert (config.optimizer, config.learning_rate, config.head_epochs) == ("rmsprop", 1e-4, 3)
    assert (config.tuned_layers, config.batch_size, config.augmentation.any()) == (0, 32, False)
    assert "keras.optimizers.RMSprop(0.0001)" in str(at.get("code")[-1].value)
    if level == "lab":
        assert at.selectbox(key="transfer.optimizer").value == "rmsprop"
        assert at.number_input(key="transfer.head").value == 3
        at.number_input(key="transfer.head").set_value(5).run()
        assert mentions(at, "the epochs of the head are", 5)
    at.selectbox(key="transfer.recipe").set_value("app").run()
    assert not at.exception
    assert config_of(start_run(at).settings) == TransferConfig("digits", "built-in")


def test_a_link_to_the_tutorials_recipe_opens_it_on_the_tutorials_base_and_images(
    laid_out: Callable[[str], Path], cnn_home: Path
) -> None:
    link_data(cnn_home, laid_out("cats_vs_dogs"), "cats_vs_dogs")
    at = open_page(FILE, dataset="cats_vs_dogs", level="lab", **{"transfer.recipe": "tutorial"})
    assert at.selectbox(key="transfer.base").value == "mobilenet_v2"
    assert mentions(at, "cautious recipe", "MobileNetV2", "RMSprop", "0.0001")
    assert "Different here" not in texts(at)
    assert config_of(start_run(at).settings) == TransferConfig("cats_vs_dogs", **TRANSFER_RECIPES["tutorial"])


def test_the_base_is_printed_with_what_learns_before_and_after_it_is_frozen(
    cnn_home: Path, prepared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(FILE, dataset="cats_vs_dogs", **{"transfer.view": "summary"})
    table = at.table[0].value
    assert [list(row) for _, row in table.iterrows()] == [
        ["2,223,872", "34,112", "2,257,984"],
        ["0", "2,257,984", "2,257,984"],
        ["1,281", "2,257,984", "2,259,265"],
    ]
    (printed,) = [element.proto.body for element in at.get("html") if 'class="printed"' in element.proto.body]
    assert 'tabindex="0"' in printed and "block_16_project" in printed and "Trainable params: 0 (" in printed
    assert "base.trainable = False" in str(at.get("code")[-1].value)
    assert transfer_results.WEIGHTS_NOTE in texts(at)  # beside what fine-tuning has bought, in every view
    monkeypatch.setattr(summary, "base_model", lambda *arguments, **options: pytest.fail("a rerun built a base"))
    at.run()
    assert not at.exception
    with pytest.raises(pytest.fail.Exception):  # it would notice
        summary.base_summary("mobilenet_v2", 2)


def test_a_network_from_scratch_is_trained_beside_it(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits")
    at.button(key="transfer.from_scratch").click().run()
    assert not at.exception
    (job,) = queue.jobs(kind="train")
    assert job.settings["dataset"] == "digits"
    assert at.query_params["transfer.scratch"] in (job.id, [job.id])
    assert "transfer.from_scratch" not in button_keys(at)


def test_the_walkthrough_gives_shapes_with_the_batch_axis(digits: Path, without_weights: Path) -> None:
    at = open_page(FILE, dataset="digits", **{"transfer.view": "steps"})
    assert mentions(at, "144 maps", "4 × 4", "4, 4, 144", "32, 4, 4, 144", "batch axis")


def test_a_link_to_a_deleted_run_is_answered(digits: Path) -> None:
    at = open_page(FILE, dataset="digits", run="gone-0000000000000000")
    assert "There is no run with this address" in texts(at)


def test_the_page_says_when_fine_tuning_helps(without_weights: Path) -> None:
    at = open_page(FILE, dataset="cats_vs_dogs")
    cats, digits = transfer_results.measured(), transfer_results.measured_on_digits()
    gained = [digits[name]["test"]["correct"] for name in ("head", "whole base")]
    # Were both equally good, their errors would be shared evenly.
    assert binomtest(360 - gained[1], 720 - sum(gained)).pvalue < 0.001
    alike = [cats[name]["test"]["correct"] for name in ("mobilenet_v2 0", "mobilenet_v2 155")]
    assert binomtest(380 - alike[1], 760 - sum(alike)).pvalue > 0.05
    for correct in (*gained, *alike):
        assert mentions(at, str(correct))
    assert "buys little" not in texts(at)


def test_the_published_results_match_their_configurations() -> None:
    results = transfer_results.measured()
    assert set(results) == set(transfer_results.configs())
    for result in results.values():
        assert 0 < result["test"]["correct"] <= result["test"]["count"] == 380
    stored = json.loads((transfer_results.FOLDER / "config.json").read_text())
    assert TransferConfig.from_dict(stored) == transfer_results.configs()[f"mobilenet_v2 {transfer_results.SHOWN}"]
    on_digits = transfer_results.measured_on_digits()
    assert set(on_digits) == set(transfer_results.digits_configs())
    for name, result in on_digits.items():
        assert result["test"]["correct"] <= result["test"]["count"] == 360
        assert len(result["held_out"]) == transfer_results.digits_configs()[name].epochs
        assert result["validation"] == {"correct": round(144 * result["held_out"][-1]), "count": 144}
    curve = results[f"mobilenet_v2 {transfer_results.SHOWN}"]["held_out"]
    assert len(curve) == TransferConfig.from_dict(stored).epochs


def test_the_page_computes_no_features(digits: Path, without_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        transfer_features, "extract_features", lambda *arguments: pytest.fail("a page computed features")
    )
    open_page(FILE, dataset="digits")
