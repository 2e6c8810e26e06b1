"""A run of transfer learning: what it saves, what it changes, and that it can be stopped and resumed."""

import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy.special import softmax

from cnn.data import catalog
from cnn.errors import DatasetError, ModelError
from cnn.jobs.events import drop_superseded
from cnn.model import store
from cnn.model.predict import predictor
from cnn.model.pretrained_bases import base_model, with_head
from cnn.progress import Stopped
from cnn.training import transfer_fit
from cnn.training.epoch_weights import kept_epochs, weights_file
from cnn.training.run_summary import summarise_run
from cnn.training.transfer_config import TRANSFER_RECIPES, TransferConfig
from cnn.training.transfer_features import load_features
from cnn.training.transfer_fit import fit_transfer
from tests.training.interruptible_run import InterruptibleRun, Killed

HEAD = TransferConfig("digits", "built-in", head_epochs=3)
TUNED = replace(HEAD, tuned_layers=8, tuning_epochs=2, tuning_rate=1e-4)


class Run(InterruptibleRun):
    def train(self, config=HEAD, **interruptions):
        return self.attempt(fit_transfer, config, **interruptions)

    def epochs(self):
        return summarise_run(event for log in self.attempts for event in log).epochs


@pytest.fixture
def run(digits, digits_features, tmp_path):
    shutil.copytree(digits_features[0], digits / "features")
    (tmp_path / "run").mkdir()
    return Run(tmp_path / "run")


def weights_of(model):
    return {weight.path: np.array(weight) for weight in model.weights}


def test_a_head_learns_and_the_saved_model_agrees_with_the_saved_predictions(run) -> None:
    card = run.train()
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
    run.train()
    (tmp_path / "other").mkdir()
    other = Run(tmp_path / "other")
    other.train()
    third = Run(tmp_path / "third")
    third.folder.mkdir()
    third.train(replace(HEAD, seed=1))
    head, same, different = (r.model().get_layer("logits").get_weights() for r in (run, other, third))
    np.testing.assert_allclose(same[0], head[0], atol=1e-5)
    assert np.abs(different[0] - head[0]).max() > 0.01


def test_the_tutorials_recipe_compiles_what_the_tutorial_compiles() -> None:
    config = TransferConfig("cats_vs_dogs", **TRANSFER_RECIPES["tutorial"])
    model = with_head(base_model("mobilenet_v2", weights=False), 2)
    head = transfer_fit._head_model(model, config, steps=95)
    assert type(head.optimizer) is keras.optimizers.RMSprop
    assert head.optimizer.get_config() == {
        **keras.optimizers.RMSprop(1e-4).get_config(),
        "learning_rate": pytest.approx(1e-4),
        "name": head.optimizer.name,
    }
    assert head.loss.get_config() == keras.losses.BinaryCrossentropy(from_logits=True).get_config()
    assert head.count_params() == 1281


def test_a_head_learns_with_rmsprop_as_by_hand(run) -> None:
    """RMSprop (Tieleman & Hinton, 2012) in NumPy: a gradient is divided by the root of its squares' running mean."""
    config = replace(HEAD, head_epochs=1, optimizer="rmsprop", learning_rate=1e-3)
    run.train(config)
    learned = run.model().get_layer("logits").get_weights()
    features, labels = load_features("digits", "built-in"), catalog.load("digits", "train").labels
    assert features is not None
    weights = with_head(base_model("built-in"), 10, seed=config.seed).get_layer("logits").get_weights()
    kernel, bias = (weight.astype(np.float64) for weight in weights)
    means = [np.zeros_like(kernel), np.zeros_like(bias)]
    order = np.random.default_rng([config.seed, 3, 0]).permutation(len(labels))
    for start in range(0, len(order), 32):
        batch = order[start : start + 32]
        x = features["train"][batch].astype(np.float64)
        error = (softmax(x @ kernel + bias, axis=1) - np.eye(10)[labels[batch]]) / len(batch)
        for weight, mean, gradient in zip((kernel, bias), means, (x.T @ error, error.sum(axis=0)), strict=True):
            mean += 0.1 * (gradient**2 - mean)
            weight -= config.learning_rate * gradient / np.sqrt(mean + 1e-7)
    np.testing.assert_allclose(learned[0], kernel, atol=2e-4)
    np.testing.assert_allclose(learned[1], bias, atol=2e-4)


def test_fine_tuning_changes_only_the_top_layers(run) -> None:
    card = run.train(TUNED)
    assert [epoch["epoch"] for epoch in run.epochs()] == [1, 2, 3, 4, 5]
    assert card["epochs"] == 5
    assert kept_epochs(run.folder) == [0, 3, 4, 5]
    base, model = weights_of(base_model("built-in")), run.model()
    layers = [layer for layer in model.layers if layer.name not in ("global_pool", "logits")]
    changed = []
    for position, layer in enumerate(layers):
        for weight in layer.weights:
            if np.any(np.array(weight) != base[weight.path]):
                changed.append(layer.name)
                assert position >= len(layers) - 8
    assert set(changed) == {"conv_8", "conv_9"}


def test_a_run_that_died_in_fine_tuning_resumes_and_ends_the_same(run, tmp_path) -> None:
    uninterrupted = Run(tmp_path / "uninterrupted")
    uninterrupted.folder.mkdir()
    uninterrupted.train(TUNED)
    with pytest.raises(Killed):
        run.train(TUNED, die_at=lambda event: event["type"] == "batch" and event["epoch"] > 4.3)
    run.train(TUNED)
    assert [event["epoch"] for event in run.attempts[1] if event["type"] == "epoch"] == [5]
    assert [epoch["epoch"] for epoch in run.epochs()] == [1, 2, 3, 4, 5]
    for expected, actual in zip(uninterrupted.model().get_weights(), run.model().get_weights(), strict=True):
        np.testing.assert_allclose(actual, expected, atol=1e-4)


def test_stopped_in_fine_tuning_the_finished_epochs_are_saved(run) -> None:
    with pytest.raises(Stopped):
        run.train(TUNED, stop_at=lambda event: event["type"] == "batch" and event["epoch"] > 4)
    assert run.model().count_params() == 838_080 + 1450
    assert store.card_in(run.folder).epochs == 4
    assert base_model("built-in").count_params() == 838_080
    assert weights_file(run.folder, 4).exists()


def test_stopped_while_the_head_learns_nothing_is_saved(run) -> None:
    with pytest.raises(Stopped):
        run.train(stop_at=lambda event: event["type"] == "epoch")
    assert not (run.folder / "card.json").exists()


def test_events_of_both_phases_read_as_one_run(run) -> None:
    run.train(TUNED)
    log = [event for attempt in run.attempts for event in attempt]
    assert [event["type"] for event in drop_superseded(log)][-1] == "test"
    assert list(summarise_run(log).watched) == [0, 1, 2, 3, 4, 5]


def test_an_unprepared_data_set_is_reported(cnn_home, tmp_path) -> None:
    with pytest.raises(DatasetError, match="not prepared"):
        Run(tmp_path).train()


def test_missing_weights_of_the_base_are_reported(digits, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="not on this machine"):
        Run(tmp_path).train(replace(HEAD, base="mobilenet_v2"))
