import json
import math

import keras
import numpy as np
import pytest

from cnn.progress import Stopped
from cnn.training import callbacks
from cnn.training.callbacks import (
    Diverged,
    EarlyStopping,
    EpochWeights,
    ProgressReporter,
    best_epoch,
    predict_probabilities,
)
from cnn.training.epoch_weights import kept_epochs, weights_file


def small_network():
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((2, 2, 1), dtype="uint8"), keras.layers.Flatten(), keras.layers.Dense(3)])


def progress_reporter(report, should_stop=lambda: False, images=40, batch_size=4, epochs=2):
    callback = ProgressReporter(
        report, should_stop, batch_size=batch_size, images=images, watched_images=np.zeros((2, 2, 2, 1), np.uint8)
    )
    callback.set_params({"epochs": epochs})
    return callback


@pytest.fixture
def clock(monkeypatch):
    """The time the callbacks see, a list of one number that a test advances."""
    now = [1000.0]
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: now[0])
    return now


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_batch_events_are_means_since_the_previous_one(monkeypatch):
    monkeypatch.setattr(callbacks, "SECONDS_BETWEEN_REPORTS", 0.0)
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 256, (10, 2, 2, 1), np.uint8), random.integers(0, 3, 10)
    model, events = small_network(), []
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=["accuracy"])
    model.fit(
        *(images, labels),
        batch_size=4,
        epochs=2,
        shuffle=False,
        verbose=0,
        callbacks=[progress_reporter(events.append, images=10)],
    )
    kernel, bias = model.get_weights()
    expected = softmax(images.reshape(10, 4) @ kernel.astype(float) + bias)
    losses, correct = -np.log(expected[np.arange(10), labels]), expected.argmax(axis=1) == labels
    # The very first batch, in which Keras compiles, is reported together with the second.
    for first, parts in ((0, [(0, 8), (8, 10)]), (1, [(0, 4), (4, 8), (8, 10)])):
        reports = [e for e in events if e["type"] == "batch" and first < e["epoch"] <= first + 1]
        assert [event["epoch"] for event in reports] == [first + end / 10 for _, end in parts]
        for event, (start, end) in zip(reports, parts, strict=True):
            assert event["loss"] == pytest.approx(losses[start:end].mean(), rel=1e-4)
            assert event["accuracy"] == pytest.approx(correct[start:end].mean(), abs=1e-5)
    epoch = next(e for e in events if e["type"] == "epoch")
    assert epoch["epoch"] == 1
    assert epoch["loss"] == pytest.approx(losses.mean(), rel=1e-4)
    assert epoch["learning_rate"] == 0
    np.testing.assert_allclose(epoch["watched"], [softmax(bias[None])[0].round(4)] * 2, atol=1e-4)
    json.dumps(events, allow_nan=False)


def test_at_most_five_reports_a_second_with_the_time_left(clock):
    events = []
    callback = progress_reporter(events.append, images=80, batch_size=4)  # 20 batches of 0.0625 s
    callback.on_epoch_begin(0)
    for batch in range(20):
        clock[0] += 5 if batch == 0 else 0.0625  # compiling takes 5 s and must not count
        callback.on_train_batch_end(batch, {"loss": 2.0, "accuracy": 0.5})
    assert [event["epoch"] for event in events] == [0.25, 0.45, 0.65, 0.85, 1.0]
    assert {event["images_per_second"] for event in events} == {64.0}
    left = [(160 - 80 * event["epoch"]) / 64 for event in events]
    assert [event["seconds_left"] for event in events] == pytest.approx(left, abs=0.051)
    assert {(event["loss"], event["accuracy"]) for event in events} == {(2.0, 0.5)}


def test_an_epoch_of_one_batch_is_reported(clock):
    events = []
    callback = progress_reporter(events.append, images=3, batch_size=4)
    callback.on_epoch_begin(1)
    clock[0] += 1.5
    callback.on_train_batch_end(0, {"loss": 1.0, "accuracy": 1.0})
    assert [(e["epoch"], e["images_per_second"], e["seconds_left"]) for e in events] == [(2.0, 2.0, 0.0)]


@pytest.mark.parametrize("method", ["on_train_batch_end", "on_test_batch_end"])
def test_it_stops_after_any_batch(method):
    events, stop = [], []
    callback = progress_reporter(events.append, lambda: bool(stop))
    callback.on_epoch_begin(0)
    getattr(callback, method)(0, {"loss": 1.0, "accuracy": 0.0})
    stop.append(True)
    with pytest.raises(Stopped):
        getattr(callback, method)(1, {"loss": 1.0, "accuracy": 0.0})
    assert events == []


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_diverging_loss_ends_training_and_is_reported(loss):
    events = []
    callback = progress_reporter(events.append)
    callback.on_epoch_begin(1)
    with pytest.raises(Diverged):
        callback.on_train_batch_end(4, {"loss": loss, "accuracy": 0.1})
    assert events == [{"type": "diverged", "epoch": 1.5}]


def test_an_epoch_whose_validation_loss_diverged_does_not_count():
    events = []
    callback = progress_reporter(events.append)
    callback.on_epoch_begin(1)
    with pytest.raises(Diverged):
        callback.on_epoch_end(1, {"loss": 1.0, "val_loss": math.nan})
    assert events == [{"type": "diverged", "epoch": 2}]


def test_probabilities_are_plain_numbers_that_sum_to_one():
    model, images = small_network(), np.random.default_rng(0).integers(0, 9, (5, 2, 2, 1), np.uint8)
    kernel, bias = model.get_weights()
    predicted = predict_probabilities(model, images)
    np.testing.assert_allclose(predicted, softmax(images.reshape(5, 4) @ kernel + bias), atol=1e-4)
    assert json.loads(json.dumps(predicted)) == predicted


def test_probabilities_of_a_network_with_nan_weights_are_still_json():
    model = small_network()
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    json.dumps(predict_probabilities(model, np.zeros((1, 2, 2, 1), np.uint8)), allow_nan=False)


def test_every_epochs_weights_are_saved_and_the_best_survive_thinning(tmp_path):
    model = small_network()
    past = [{"val_loss": 0.9}, {"val_loss": 0.5}]
    callback = EpochWeights(tmp_path, model, 1, past)
    for epoch in range(3):
        callback.save(epoch)
    for epoch, val_loss in ((2, 0.6), (3, 0.7)):
        model.set_weights([np.full_like(weights, epoch + 1) for weights in model.get_weights()])
        callback.on_epoch_end(epoch, {"val_loss": val_loss})
    assert kept_epochs(tmp_path) == [0, 2, 4]
    assert [epoch["val_loss"] for epoch in callback.epochs] == [0.9, 0.5, 0.6, 0.7]
    assert len(past) == 2
    other = small_network()
    other.load_weights(weights_file(tmp_path, 4))
    assert all((weights == 4).all() for weights in other.get_weights())


@pytest.mark.parametrize(("losses", "expected"), [([], 0), ([1.0], 1), ([1.0, 0.5, 0.5, 0.7], 2), ([0.5, 0.4, 0.3], 3)])
def test_the_best_epoch_is_the_first_with_the_lowest_validation_loss(losses, expected):
    assert best_epoch([{"val_loss": loss} for loss in losses]) == expected


def test_patience_counts_the_epochs_before_a_crash():
    def stops_after(past, later):
        model, callback = small_network(), EarlyStopping(2, [{"val_loss": loss} for loss in past])
        model.stop_training = False
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, loss in enumerate(later, len(past)):
            if model.stop_training:
                return epoch
            callback.on_epoch_end(epoch, {"val_loss": loss})
        return len(past) + len(later)

    losses = [1.0, 0.5, 0.6, 0.55, 0.4]
    assert [stops_after(losses[:cut], losses[cut:]) for cut in range(4)] == [4, 4, 4, 4]
