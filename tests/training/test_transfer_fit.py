"""A run of transfer learning: what it keeps, what it changes, and that it can be stopped and go on."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.errors import ConfigError, DatasetError, ModelError
from cnn.jobs.events import current
from cnn.model import store
from cnn.model.predict import predictor
from cnn.model.pretrained_bases import base_model
from cnn.progress import Stopped
from cnn.training import transfer_features as made
from cnn.training.epoch_weights import kept_epochs, weights_file
from cnn.training.run_summary import summarise_run
from cnn.training.transfer_config import TransferConfig, config_of
from cnn.training.transfer_fit import fit_transfer
from tests.prepared_data import link_data

HEAD = TransferConfig("digits", "built-in", head_epochs=3)
TUNED = replace(HEAD, tuned_layers=8, tuning_epochs=2, tuning_rate=1e-4)


class Killed(BaseException):
    """Leaves the run as kill -9 would, but for files that are half written."""


@dataclass
class Run:
    folder: Path
    attempts: list[list[dict]] = field(default_factory=list)

    def go(self, config=HEAD, die_at=lambda event: False, stop_at=lambda event: False):
        log, stop = [], []
        self.attempts.append(log)

        def report(event):
            log.append({"t": 0, "attempt": len(self.attempts), **event})
            if die_at(event):
                raise Killed
            if stop_at(event):
                stop.append(True)

        return fit_transfer(config, self.folder, report, lambda: bool(stop))

    def epochs(self):
        return summarise_run(event for log in self.attempts for event in log).epochs

    def model(self):
        return keras.saving.load_model(self.folder / "model.keras", compile=False)


@pytest.fixture(scope="module")
def kept_features(laid_out_digits, tmp_path_factory):
    """The features of ``digits``, made once for these tests."""
    home = tmp_path_factory.mktemp("features")
    link_data(home, laid_out_digits, "digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        found = made.base_features("digits", "built-in", lambda event: None, lambda: False)
    return home / "features", found


@pytest.fixture
def run(digits, kept_features, tmp_path):
    shutil.copytree(kept_features[0], digits / "features")
    (tmp_path / "run").mkdir()
    return Run(tmp_path / "run")


def weights_of(model):
    return {weight.path: np.array(weight) for weight in model.weights}


def test_features_are_the_bases_own(digits, kept_features) -> None:
    base = base_model("built-in")
    images = catalog.load("digits", "validation").fitted([0, 5], (32, 32, 3))
    expected = np.asarray(base(images)).max(axis=(1, 2))
    np.testing.assert_allclose(kept_features[1]["validation"][[0, 5]], expected, rtol=1e-3, atol=1e-3)
    assert kept_features[1]["train"].shape == (1293, 144)


def test_the_base_runs_once(run, kept_features, monkeypatch) -> None:
    monkeypatch.setattr(made, "extractor", lambda base: pytest.fail("the base ran again"))
    again = made.base_features("digits", "built-in", lambda event: None, lambda: False)
    np.testing.assert_array_equal(again["test"], kept_features[1]["test"])
    made.features_file("digits", "built-in").write_bytes(b"damaged")
    assert made.kept_features("digits", "built-in") is None


def test_a_base_trained_anew_runs_again(run, kept_features, monkeypatch) -> None:
    card = store.card("cifar10-resnet")
    with monkeypatch.context() as patch:
        patch.setattr(store, "card", lambda id: replace(card, created=card.created + 1))
        assert made.kept_features("digits", "built-in") is None
    assert made.kept_features("digits", "built-in") is not None


def test_features_can_be_stopped_and_tell_how_far_they_are(digits) -> None:
    events = []
    with pytest.raises(Stopped):
        made.base_features("digits", "built-in", events.append, lambda: len(events) > 1)
    assert {event["type"] for event in events} == {"progress"}
    assert events[-1]["total"] == 1797
    assert not made.features_file("digits", "built-in").exists()


def test_a_head_learns_and_the_saved_model_says_what_was_kept(run) -> None:
    card = run.go()
    start = run.attempts[0][0]
    assert start["type"] == "start"
    assert start["parameters"] == 144 * 10 + 10
    assert start["before"]["val_accuracy"] < 0.4
    epochs = run.epochs()
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert epochs[-1]["val_accuracy"] > start["before"]["val_accuracy"] + 0.2
    test = catalog.load("digits", "test")
    probabilities = predictor(run.model())(test.fitted(range(len(test)), (32, 32, 3)))
    np.testing.assert_allclose(np.load(run.folder / "test_probabilities.npy"), probabilities, atol=2e-3)
    assert card["test"]["correct"] == pytest.approx(int((probabilities.argmax(1) == test.labels).sum()), abs=1)
    assert card["validation"]["correct"] == round(epochs[-1]["val_accuracy"] * 144)
    assert store.card_in(run.folder).input_shape == (32, 32, 3)
    assert kept_epochs(run.folder) == [0, 3]
    base, learned = weights_of(base_model("built-in")), weights_of(run.model())
    assert base.keys() == learned.keys() - {"logits/kernel", "logits/bias"}
    for path, value in base.items():
        np.testing.assert_array_equal(learned[path], value)


def test_the_same_seed_gives_the_same_head(run, tmp_path) -> None:
    run.go()
    (tmp_path / "other").mkdir()
    other = Run(tmp_path / "other")
    other.go()
    third = Run(tmp_path / "third")
    third.folder.mkdir()
    third.go(replace(HEAD, seed=1))
    head, same, another = (each.model().get_layer("logits").get_weights() for each in (run, other, third))
    np.testing.assert_allclose(same[0], head[0], atol=1e-5)
    assert np.abs(another[0] - head[0]).max() > 0.01


def test_fine_tuning_changes_the_layers_above_the_line_alone(run) -> None:
    card = run.go(TUNED)
    assert [epoch["epoch"] for epoch in run.epochs()] == [1, 2, 3, 4, 5]
    assert card["epochs"] == 5
    assert kept_epochs(run.folder) == [0, 3, 4, 5]
    base, model = weights_of(base_model("built-in")), run.model()
    layers = [layer for layer in model.layers if layer.name not in ("global_pool", "logits")]
    moved = []
    for place, layer in enumerate(layers):
        for weight in layer.weights:
            if np.any(np.array(weight) != base[weight.path]):
                moved.append(layer.name)
                assert place >= len(layers) - 8
    assert set(moved) == {"conv_8", "conv_9"}


def test_a_run_that_died_while_tuning_goes_on_and_ends_the_same(run, tmp_path) -> None:
    whole = Run(tmp_path / "whole")
    whole.folder.mkdir()
    whole.go(TUNED)
    with pytest.raises(Killed):
        run.go(TUNED, die_at=lambda event: event["type"] == "batch" and event["epoch"] > 4.3)
    run.go(TUNED)
    assert [event["epoch"] for event in run.attempts[1] if event["type"] == "epoch"] == [5]
    assert [epoch["epoch"] for epoch in run.epochs()] == [1, 2, 3, 4, 5]
    for one, other in zip(whole.model().get_weights(), run.model().get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-4)


def test_stopped_while_tuning_the_whole_epochs_are_kept(run) -> None:
    with pytest.raises(Stopped):
        run.go(TUNED, stop_at=lambda event: event["type"] == "batch" and event["epoch"] > 4)
    assert run.model().count_params() == 838_080 + 1450
    assert store.card_in(run.folder).epochs == 4
    expected = base_model("built-in")
    assert expected.count_params() == 838_080
    assert weights_file(run.folder, 4).exists()


def test_stopped_while_the_head_learns_nothing_is_kept(run) -> None:
    with pytest.raises(Stopped):
        run.go(stop_at=lambda event: event["type"] == "epoch")
    assert not (run.folder / "card.json").exists()


def test_events_read_back_are_those_of_one_run(run) -> None:
    run.go(TUNED)
    log = [event for attempt in run.attempts for event in attempt]
    assert [event["type"] for event in current(log)][-1] == "test"
    assert list(summarise_run(log).watched) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"base": "vgg"}, "There is no base called “vgg”"),
        ({"head_epochs": 0}, "Epochs of the head: 0 is not possible"),
        ({"tuned_layers": 36}, "Layers to fine-tune: 36 is not possible; choose a whole number from 0 to 35"),
        ({"tuning_rate": 3}, "Rate of fine-tuning: 3 is not possible"),
        ({"augmentation": "strong"}, "The augmentation must be given in full"),
    ],
)
def test_impossible_settings_are_refused(change, sentence) -> None:
    with pytest.raises(ConfigError, match=sentence):
        replace(HEAD, **change)


def test_a_configuration_comes_back_from_json_and_is_told_from_the_other_kind() -> None:
    assert config_of(TUNED.to_dict()) == TUNED
    assert type(config_of(store.card("digits-tutorial").config)).__name__ == "TrainConfig"
    with pytest.raises(ConfigError, match="not settings of transfer learning"):
        config_of({"base": "built-in", "dataset": "digits", "wings": 2})


def test_what_is_missing_is_said(cnn_home, tmp_path, monkeypatch) -> None:
    with pytest.raises(DatasetError, match="not prepared"):
        Run(tmp_path).go()


def test_without_weights_the_run_says_so(digits, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="not on this machine"):
        Run(tmp_path).go(replace(HEAD, base="mobilenet_v2"))


def test_what_a_base_made_of_own_images_goes_with_them(digits) -> None:
    name = "own-" + "a" * 22
    mine, others = made.features_file(name, "built-in"), made.features_file("own-" + "b" * 22, "built-in")
    mine.parent.mkdir()
    for file in (mine, others):
        file.write_bytes(b"")
    folder = digits / "own"
    folder.mkdir()
    (folder / "info.json").write_text("{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_datasets, "names", lambda workspace: [name])
        patch.setattr(own_datasets, "folder", lambda asked: folder)
        own_datasets.delete_images(name, "me")
    assert (mine.exists(), others.exists()) == (False, True)
