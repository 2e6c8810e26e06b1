"""Keras callbacks of a run: progress events, the weights of every epoch, and early stopping.

A partial epoch must not count, but Keras would validate it and call ``on_epoch_end``. So whatever ends an epoch early
(a stop, a diverging loss) raises out of ``fit``.
"""

import math
import time
from pathlib import Path
from typing import Any, NoReturn

import keras
import numpy as np

from cnn.files import write_whole
from cnn.model.predict import class_probabilities
from cnn.progress import Report, ShouldStop, raise_if_stopped
from cnn.training.epoch_weights import thin_evenly, weights_file

SECONDS_BETWEEN_REPORTS = 0.2

Logs = dict[str, float]


class Diverged(Exception):
    """The loss became infinite or not a number."""


class ProgressReporter(keras.callbacks.Callback):
    """Reports batches (at most five a second) and epochs.

    Raises:
        Stopped: ``should_stop`` returned true; called after every batch, in validation as well.
        Diverged: the loss is no longer finite; reported as the event "diverged".
    """

    def __init__(
        self,
        report: Report,
        should_stop: ShouldStop,
        *,
        batch_size: int,
        images: int,
        watched_images: np.ndarray,
    ) -> None:
        super().__init__()
        self._report, self._should_stop = report, should_stop
        self._batch_size, self._images, self._watched = batch_size, images, watched_images
        self._images_per_second: float | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._epoch_started = self._timed_since = time.monotonic()
        self._images_before_timing = self._reported_images = 0
        self._reported_sums = np.zeros(2)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        raise_if_stopped(self._should_stop)
        logs = logs or {}
        seen = min((batch + 1) * self._batch_size, self._images)
        if not math.isfinite(logs["loss"]):
            self._raise_diverged(self._epoch + seen / self._images)
        now = time.monotonic()
        if self._images_per_second is None and batch == 0 and seen < self._images:
            # Keras compiles during the first batch, so its duration says nothing about the others.
            self._timed_since, self._images_before_timing = now, seen
        elif now - self._timed_since >= SECONDS_BETWEEN_REPORTS or seen == self._images:
            self._report_batch(now, seen, logs)

    def _report_batch(self, now: float, seen: int, logs: Logs) -> None:
        # Keras logs the mean since the epoch began; the difference of two sums gives the mean since the last report.
        sums = np.array([logs["loss"], logs["accuracy"]]) * seen
        loss, accuracy = (sums - self._reported_sums) / (seen - self._reported_images)
        speed = (seen - self._images_before_timing) / max(now - self._timed_since, 1e-9)
        if self._images_per_second is not None:
            speed = 0.7 * self._images_per_second + 0.3 * speed
        remaining = (self.params["epochs"] - self._epoch) * self._images - seen
        self._report(
            {
                "type": "batch",
                "epoch": round(self._epoch + seen / self._images, 4),
                "loss": _six_digits(loss),
                "accuracy": min(1.0, max(0.0, _six_digits(accuracy))),
                "images_per_second": round(speed, 1),
                "seconds_left": round(remaining / speed, 1),
            }
        )
        self._images_per_second = speed
        self._timed_since, self._images_before_timing = now, seen
        self._reported_images, self._reported_sums = seen, sums

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        raise_if_stopped(self._should_stop)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        rounded = {name: _six_digits(value) for name, value in (logs or {}).items()}
        if not all(map(math.isfinite, rounded.values())):
            self._raise_diverged(epoch + 1)
        self._report(
            {
                "type": "epoch",
                "epoch": epoch + 1,
                "seconds": round(time.monotonic() - self._epoch_started, 3),
                "learning_rate": _six_digits(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
                "watched": predict_probabilities(self.model, self._watched),
                **rounded,
            }
        )

    def _raise_diverged(self, epoch: float) -> NoReturn:
        self._report({"type": "diverged", "epoch": round(epoch, 4)})
        raise Diverged


class EpochWeights(keras.callbacks.Callback):
    """Saves the weights after every epoch, without the optimiser's state, within ``max_bytes``.

    Attributes:
        epochs: Keras' logs of every finished epoch, starting with those in ``past``.
    """

    def __init__(self, folder: Path, network: keras.Model, max_bytes: int, past: list[Logs]) -> None:
        super().__init__()
        self._folder, self._network, self._max_bytes = folder, network, max_bytes
        self.epochs = list(past)

    def save(self, epoch: int) -> None:
        """Save the current weights as those after ``epoch`` epochs, 0 for the untrained network."""
        write_whole(weights_file(self._folder, epoch), self._network.save_weights)
        thin_evenly(self._folder, self._max_bytes, best_epoch(self.epochs))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epochs.append(dict(logs or {}))
        self.save(epoch + 1)


class EarlyStopping(keras.callbacks.EarlyStopping):
    """Keras' early stopping, counting the epochs before a crash too. `EpochWeights` has saved the best weights."""

    def __init__(self, patience: int, past: list[Logs]) -> None:
        super().__init__("val_loss", mode="min", patience=patience)
        self._past = past

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        for epoch, past_logs in enumerate(self._past):
            self.on_epoch_end(epoch, past_logs)


def best_epoch(epochs: list[Logs]) -> int:
    """The epoch (1-based) with the lowest validation loss; 0 if there are no epochs."""
    losses = [epoch["val_loss"] for epoch in epochs]
    return 1 + losses.index(min(losses)) if losses else 0


def predict_probabilities(model: keras.Model, images: np.ndarray) -> list[list[float]]:
    """The model's class probabilities for a few images, one list per image, as JSON numbers in 0..1."""
    logits = keras.ops.convert_to_numpy(model(images, training=False))
    return np.nan_to_num(class_probabilities(logits).astype(np.float64)).round(4).tolist()


def _six_digits(value: Any) -> float:
    return float(f"{float(value):.6g}")
