import errno
import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from cnn.data import catalog
from cnn.errors import ConfigError
from cnn.jobs import queue
from cnn.jobs.events import drop_superseded, read_events
from cnn.model.architectures import Architecture, Convolution, Dense, Dropout, Flatten, Pooling
from cnn.progress import Stopped
from cnn.training import backup, fit
from cnn.training.config import TrainConfig
from cnn.training.curve_diagnosis import diagnose_curves
from cnn.training.curves.run_facts import run_facts
from cnn.training.epoch_weights import kept_epochs, weights_file
from tests.training.interruptible_run import InterruptibleRun, Killed

SMALL = Architecture("own", (Convolution(4, batch_norm=True), Pooling(size=3), Flatten(), Dropout(0.3), Dense(8)))
# Everything that has state: momentum, step count, batch normalisation, dropout, order, augmentation.
CONFIG = TrainConfig(
    architecture=SMALL,
    epochs=3,
    batch_size=16,
    training_images=90,
    optimizer="adam",
    learning_rate=0.01,
    schedule="one-cycle",
    augmentation="strong",
)
STEPS = 6


class Run(InterruptibleRun):
    def train(self, config=CONFIG, **interruptions):
        return self.attempt(fit.fit, config, **interruptions)

    def events(self, *types):
        log = drop_superseded(e for log in self.attempts for e in log)
        return [e for e in log if not types or e["type"] in types]

    def weights(self, epoch):
        return load_weights(weights_file(self.folder, epoch))


def load_weights(path, config=CONFIG):
    _model, network = fit.build_networks(config, STEPS)
    network.load_weights(path)
    return network.get_weights()


def assert_same(left, right, **tolerance):
    for actual, expected in zip(left, right, strict=True):
        np.testing.assert_allclose(actual, expected, **{"rtol": 1e-4, "atol": 1e-5, **tolerance})


def curves(events):
    return [[e[name] for name in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")] for e in events]


@pytest.fixture(autouse=True)
def every_batch_is_reported(monkeypatch):
    monkeypatch.setattr("cnn.training.callbacks.SECONDS_BETWEEN_REPORTS", 0.0)


@pytest.fixture
def run(digits, tmp_path):
    return Run(tmp_path)


@pytest.fixture(scope="module")
def uninterrupted(laid_out_digits, tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("uninterrupted"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(laid_out_digits))
        run.card = run.train()
    return run


def test_events_come_in_order_and_are_json(uninterrupted):
    log = uninterrupted.attempts[0]
    json.dumps(log, allow_nan=False)
    kinds = [event["type"] for event in log]
    assert kinds[0] == "start"
    assert kinds[-1] == "test"
    epochs = uninterrupted.events("epoch")
    assert [event["epoch"] for event in epochs] == [1, 2, 3]
    start = log[0]
    assert [start[key] for key in ("epochs", "first_epoch", "train", "validation")] == [3, 0, 90, 144]
    batches = [event["epoch"] for event in uninterrupted.events("batch")]
    assert batches == sorted(batches)
    assert batches[-1] == 3


def test_one_cycle_rises_for_a_fifth_of_the_run_and_falls_along_a_cosine(uninterrupted):
    total = 3 * STEPS
    up = total // 5

    def rate(step):
        if step < up:
            return 0.001 + (0.01 - 0.001) * step / up
        return 0.01 * (1 + math.cos(math.pi * (step - up) / (total - up))) / 2

    expected = [rate(STEPS * epoch) for epoch in (1, 2, 3)]
    assert [e["learning_rate"] for e in uninterrupted.events("epoch")] == pytest.approx(expected, abs=1e-6)


def test_the_card_describes_the_model(uninterrupted, digits):
    card = json.loads((uninterrupted.folder / "card.json").read_text())
    assert card == uninterrupted.card
    model = uninterrupted.model()
    assert_same(model.get_weights(), uninterrupted.weights(3), rtol=0, atol=0)
    for name in ("validation", "test"):
        split = catalog.load("digits", name)
        logits = np.asarray(model(split.take(range(len(split)))), np.float64)
        assert card[name] == {"correct": int((logits.argmax(axis=1) == split.labels).sum()), "count": len(split)}
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = np.load(uninterrupted.folder / "test_probabilities.npy")
    np.testing.assert_allclose(probabilities, powers / powers.sum(axis=1, keepdims=True), atol=2e-3)
    (test,) = uninterrupted.events("test")
    assert (test["correct"], test["count"]) == (card["test"]["correct"], 360)
    last = uninterrupted.events("epoch")[-1]
    assert last["val_accuracy"] == pytest.approx(card["validation"]["correct"] / 144, abs=1e-5)
    assert (card["epoch"], card["epochs"], card["parameters"]) == (3, 3, model.count_params())
    assert card["bytes"] == (uninterrupted.folder / "model.keras").stat().st_size
    assert TrainConfig.from_dict(card["config"]) == CONFIG


def test_watched_images_are_predicted_with_each_epochs_weights(uninterrupted):
    watched = np.load(uninterrupted.folder / "watched.npz")
    assert watched["images"].shape == (12, 32, 32, 1)
    assert watched["labels"].shape == (12,)
    model = uninterrupted.model()
    reported = {0: uninterrupted.attempts[0][0]["watched"]}
    reported |= {e["epoch"]: e["watched"] for e in uninterrupted.events("epoch")}
    assert kept_epochs(uninterrupted.folder) == sorted(reported) == [0, 1, 2, 3]
    for epoch, probabilities in reported.items():
        model.set_weights(uninterrupted.weights(epoch))
        logits = np.asarray(model(watched["images"]), np.float64)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        np.testing.assert_allclose(probabilities, powers / powers.sum(axis=1, keepdims=True), atol=2e-4)


def test_only_documented_files_stay_in_the_folder(uninterrupted):
    names = {path.name for path in uninterrupted.folder.iterdir()}
    assert names == {
        "model.keras",
        "card.json",
        "epochs",
        "watched.npz",
        "test_probabilities.npy",
        "validation_probabilities.npy",
    }


def test_the_same_settings_give_the_same_run(uninterrupted, run):
    run.train()
    assert_same(run.weights(3), uninterrupted.weights(3))
    np.testing.assert_allclose(curves(run.events("epoch")), curves(uninterrupted.events("epoch")), rtol=1e-4)


DEATHS = {
    "in the middle of an epoch": lambda event: event.get("epoch", 0) > 1.4,
    "between an epoch's report and its backup": lambda event: event["type"] == "epoch" and event["epoch"] == 2,
    "before the card is written": lambda event: event["type"] == "test",
}


@pytest.mark.parametrize("death", DEATHS)
def test_a_run_that_died_resumes_as_if_nothing_had_happened(uninterrupted, run, death):
    with pytest.raises(Killed):
        run.train(die_at=DEATHS[death])
    card = run.train()
    assert_resumed(uninterrupted, run.events(), run.weights(3))
    assert_same(run.model().get_weights(), run.weights(3), rtol=0, atol=0)
    assert card["epochs"] == 3
    assert kept_epochs(run.folder) == [0, 1, 2, 3]
    assert not (run.folder / "backup.npz").exists()


MIXED = replace(CONFIG, optimizer="adamw", label_smoothing=0.1, mix_up=0.4, cut_mix=1.0)


def test_a_run_with_mixed_and_smoothed_labels_resumes_as_if_nothing_had_happened(digits, tmp_path):
    whole, broken = (Run(tmp_path / name) for name in ("whole", "broken"))
    for run in (whole, broken):
        run.folder.mkdir()
    card = whole.train(MIXED)
    assert TrainConfig.from_dict(card["config"]) == MIXED
    with pytest.raises(Killed):
        broken.train(MIXED, die_at=DEATHS["in the middle of an epoch"])
    broken.train(MIXED)
    assert broken.attempts[1][0]["first_epoch"] == 1
    assert_resumed(whole, broken.events(), broken.weights(3))
    # The validation loss by hand: cross-entropy with a tenth of each label spread over all ten classes.
    split = catalog.load("digits", "validation")
    logits = np.asarray(whole.model()(split.take(range(len(split)))), np.float64)
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    labels = 0.9 * np.eye(10)[split.labels] + 0.1 / 10
    loss = -(labels * log_probabilities).sum(axis=1).mean()
    assert whole.events("epoch")[-1]["val_loss"] == pytest.approx(loss, rel=1e-4)


def assert_resumed(uninterrupted, log, weights):
    epochs = [event for event in log if event["type"] == "epoch"]
    np.testing.assert_allclose(curves(epochs), curves(uninterrupted.events("epoch")), rtol=1e-3)
    batches = [event["epoch"] for event in log if event["type"] == "batch"]
    assert batches == sorted(set(batches))
    assert_same(weights, uninterrupted.weights(3))


@pytest.mark.parametrize("moment", ["before it was complete", "after it was complete"])
def test_a_run_that_died_during_a_backup_resumes(uninterrupted, run, monkeypatch, moment):
    write_whole, paths = backup.write_whole, []

    def die(path, write):
        paths.append(path)
        if len(paths) == 2 and moment == "before it was complete":
            path.with_name(f"partial.{path.name}").write_bytes(b"half")
            raise Killed
        write_whole(path, write)
        if len(paths) == 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(backup, "write_whole", die)
        with pytest.raises(Killed):
            run.train()
    run.train()
    assert run.attempts[1][0]["first_epoch"] == (2 if moment == "after it was complete" else 1)
    assert_resumed(uninterrupted, run.events(), run.weights(3))


def test_a_worker_killed_in_the_middle_of_an_epoch_resumes(uninterrupted, digits):
    id = queue.submit("train", CONFIG.to_dict(), workspace="w", name="run")
    script = f"""
import os, signal
from cnn.jobs import worker
from cnn.training import callbacks
callbacks.SECONDS_BETWEEN_REPORTS = 0.0
report = worker._report
def die(job, event):
    report(job, event)
    if event.get("epoch", 0) > 1.4:
        os.kill(os.getpid(), signal.SIGKILL)
worker._report = die
worker.run_job({str(digits)!r}, {id!r})
"""
    root = Path(fit.__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", script], cwd=root, env=os.environ, timeout=200)
    assert killed.returncode == -signal.SIGKILL
    assert queue.read(id).state == "running"
    from cnn.jobs import worker

    assert worker.run_job(str(digits), id) == "finished"
    log = read_events(id)[0]
    assert {event["attempt"] for event in log} == {1, 2}
    assert [e["first_epoch"] for e in log if e["type"] == "start"] == [0, 1]
    assert_resumed(uninterrupted, drop_superseded(log), load_weights(weights_file(queue.read(id).folder, 3)))


def test_with_a_damaged_backup_the_run_starts_over(uninterrupted, run):
    with pytest.raises(Killed):
        run.train(die_at=DEATHS["in the middle of an epoch"])
    (run.folder / "backup.npz").write_bytes(b"")
    run.train()
    assert run.attempts[1][0]["first_epoch"] == 0
    assert_resumed(uninterrupted, run.events(), run.weights(3))


def test_time_before_a_crash_counts(run):
    with pytest.raises(Killed):
        run.train(die_at=DEATHS["before the card is written"])
    with np.load(run.folder / "backup.npz") as file:
        arrays = dict(file)
    past = json.loads(str(arrays["past"])) | {"seconds": 5000.0}
    np.savez(run.folder / "backup.npz", **(arrays | {"past": json.dumps(past)}))
    assert run.train()["seconds"] >= 5000


def test_stopped_in_the_middle_of_an_epoch_it_keeps_the_last_finished_one(uninterrupted, run):
    with pytest.raises(Stopped):
        run.train(stop_at=lambda event: event.get("epoch", 0) > 2.4)
    assert [event["epoch"] for event in run.events("epoch")] == [1, 2]
    assert kept_epochs(run.folder) == [0, 1, 2]
    assert_same(run.model().get_weights(), run.weights(2), rtol=0, atol=0)
    assert_same(run.weights(2), uninterrupted.weights(2))
    card = json.loads((run.folder / "card.json").read_text())
    assert (card["epoch"], card["epochs"]) == (2, 2)
    assert not (run.folder / "backup.npz").exists()


def test_stopped_in_its_first_epoch_it_leaves_no_model_and_reads_no_test_images(run, monkeypatch):
    read = []
    load = catalog.load
    monkeypatch.setattr(catalog, "load", lambda name, split: (read.append(split), load(name, split))[1])
    with pytest.raises(Stopped):
        run.train(stop_at=lambda event: event.get("epoch", 0) > 0.4)
    assert run.events("epoch", "test") == []
    assert not (run.folder / "model.keras").exists()
    assert not (run.folder / "card.json").exists()
    assert set(read) == {"train", "validation"}


def test_a_stop_during_validation_leaves_that_epoch_unfinished(run):
    with pytest.raises(Stopped):
        run.train(stop_at=lambda event: event.get("epoch", 0) == 2.0 and event["type"] == "batch")
    assert [event["epoch"] for event in run.events("epoch")] == [1]
    assert_same(run.model().get_weights(), run.weights(1), rtol=0, atol=0)


def test_the_test_images_are_read_once_and_last(run, monkeypatch):
    seen = []
    load = catalog.load

    def watched_load(name, split):
        if split == "test":
            seen.append([event["type"] for event in run.attempts[0]])
        return load(name, split)

    monkeypatch.setattr(catalog, "load", watched_load)
    run.train()
    assert len(seen) == 1
    assert seen[0].count("epoch") == 3


def learning_rates(*per_epoch):
    """A ``build_optimizer`` whose learning rate changes from epoch to epoch."""

    def build_optimizer(config, steps):
        bounds = [steps * epoch for epoch in range(1, len(per_epoch))]
        return keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay(bounds, list(per_epoch)))

    return build_optimizer


def test_a_diverging_run_keeps_the_last_finished_epoch(run, monkeypatch):
    monkeypatch.setattr(fit, "build_optimizer", learning_rates(0.01, 1e30, 1e30))
    card = run.train()
    json.dumps([run.attempts, card], allow_nan=False)
    assert len(run.events("diverged")) == 1
    epochs = run.events("epoch")
    assert card["epoch"] == card["epochs"] == len(epochs) == 1
    assert all(np.isfinite(weights).all() for weights in run.model().get_weights())
    assert_same(run.model().get_weights(), run.weights(1), rtol=0, atol=0)
    assert "ten times smaller" in diagnose_curves(epochs, run_facts(CONFIG), diverged=True)


def test_diverging_in_the_first_epoch_is_explained_in_a_sentence(run):
    linear = Architecture("own", (Convolution(8, activation="linear"), Flatten(), Dense(64, "linear")))
    config = TrainConfig(architecture=linear, optimizer="sgd", learning_rate=10, epochs=2, training_images=600)
    with pytest.raises(ConfigError, match="Try a learning rate of 1"):
        run.train(config)
    assert len(run.events("diverged")) == 1
    json.dumps(run.attempts, allow_nan=False)
    assert not (run.folder / "card.json").exists()


EARLY = TrainConfig(architecture=SMALL, epochs=8, batch_size=16, training_images=90, early_stopping=2)


@pytest.fixture
def worse_from_third_epoch(monkeypatch):
    monkeypatch.setattr(fit, "build_optimizer", learning_rates(0.02, 0.02, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0))


def assert_stopped_early(run, card):
    losses = [event["val_loss"] for event in run.events("epoch")]
    best = int(np.argmin(losses)) + 1
    assert len(losses) == best + 2 < 8
    assert (card["epoch"], card["epochs"]) == (best, best + 2)
    assert_same(run.model().get_weights(), run.weights(best), rtol=0, atol=0)
    correct = round(run.events("epoch")[best - 1]["val_accuracy"] * 144)
    assert card["validation"]["correct"] == correct


def test_early_stopping_survives_a_crash(run, worse_from_third_epoch):
    with pytest.raises(Killed):
        run.train(EARLY, die_at=lambda event: event.get("epoch", 0) > 3.4)
    assert_stopped_early(run, run.train(EARLY))


def test_early_stopping_is_not_undone_by_a_crash_at_the_end(run, worse_from_third_epoch):
    with pytest.raises(Killed):
        run.train(EARLY, die_at=lambda event: event["type"] == "test")
    assert_stopped_early(run, run.train(EARLY))
    assert [event["type"] for event in run.attempts[1]] == ["start", "test"]


@pytest.mark.parametrize("what", ["model", "probabilities", "card"])
def test_a_full_disk_leaves_no_partial_model_and_the_run_can_resume(run, monkeypatch, what):
    def fail(*arguments, **settings):
        path = next(a for a in arguments if isinstance(a, str | Path))
        if what != "card":
            Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        if what == "model":
            patch.setattr(keras.Model, "save", lambda self, path: fail(path))
        elif what == "probabilities":
            patch.setattr(np, "save", fail)
        else:
            patch.setattr("cnn.training.save_run.write_json", fail)
        with pytest.raises(OSError, match="No space"):
            run.train()
    assert not (run.folder / "card.json").exists()
    assert list(run.folder.rglob("*partial*")) == []
    assert (run.folder / "model.keras").exists() == (what != "model")
    run.train()
    assert [event["type"] for event in run.attempts[1]] == ["start", "test"]
    assert_same(run.model().get_weights(), run.weights(3), rtol=0, atol=0)


def test_a_full_disk_in_the_first_epoch_leaves_an_older_model_intact(run, monkeypatch):
    (run.folder / "model.keras").write_bytes(b"old")

    def fail(self, path):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keras.Model, "save_weights", fail)
    with pytest.raises(OSError, match="No space"):
        run.train()
    assert (run.folder / "model.keras").read_bytes() == b"old"
    assert list(run.folder.rglob("*partial*")) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"mixed_precision": True},
        {"optimizer": "adamw", "schedule": "cosine", "weight_decay": 0.01},
        {"optimizer": "rmsprop", "batch_size": 32, "shuffled_pixels": True, "shuffled_labels": True},
    ],
    ids=str,
)
def test_every_setting_trains(run, changes):
    config = TrainConfig(**{"architecture": SMALL, "epochs": 1, "batch_size": 16, "training_images": 32, **changes})
    card = run.train(config)
    assert card["pixel_seed"] == (0 if config.shuffled_pixels else None)
    assert run.model().dtype_policy.name == "float32"
    (epoch,) = run.events("epoch")
    assert all(math.isfinite(epoch[name]) for name in ("loss", "val_loss", "learning_rate"))


def test_a_run_of_a_single_step_can_use_one_cycle(run):
    config = TrainConfig(architecture=SMALL, epochs=1, batch_size=32, training_images=32, schedule="one-cycle")
    assert run.train(config)["epochs"] == 1


def test_the_job_prepares_a_built_in_data_set_first(cnn_home, tmp_path):
    calls = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "fit", lambda config, folder, *rest: calls.append((config, folder)))
        fit.run_job(tmp_path, CONFIG.to_dict(), calls.append, lambda: False)
    assert catalog.is_prepared("digits")
    assert calls[-1] == (CONFIG, tmp_path)
    assert {event["type"] for event in calls[:-1]} == {"progress"}
