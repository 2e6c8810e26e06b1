"""What a run does beside training: reports, and keeps every epoch's weights.

A partial epoch is not an epoch: who ends one early (a stop, a loss that ran away) raises out of ``fit``, because Keras
would validate it and call ``on_epoch_end`` for it.
"""

import math
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.files import write_whole
from cnn.model.predict import class_probabilities
from cnn.progress import Report, ShouldStop, raise_if_stopped
from cnn.training.epoch_weights import keep_evenly, weights_file

SECONDS_BETWEEN_POINTS = 0.2

Numbers = dict[str, float]


class Diverged(Exception):
    """The loss became infinite or not a number."""


class Progress(keras.callbacks.Callback):
    """Reports batches (at most five a second) and epochs.

    Raises:
        Stopped: ``should_stop`` said so; asked after every batch, also of validation.
        Diverged: the loss ran away; reported as the event "diverged".
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
        self._speed: float | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._epoch_started = self._clock = time.monotonic()
        self._clock_seen = self._seen = 0
        self._sums = np.zeros(2)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        raise_if_stopped(self._should_stop)
        logs = logs or {}
        seen = min((batch + 1) * self._batch_size, self._images)
        if not math.isfinite(logs["loss"]):
            self._diverge(self._epoch + seen / self._images)
        now = time.monotonic()
        if self._speed is None and batch == 0 and seen < self._images:
            # Keras compiles in the first batch, which says nothing about the speed of the others.
            self._clock, self._clock_seen = now, seen
        elif now - self._clock >= SECONDS_BETWEEN_POINTS or seen == self._images:
            self._report_point(now, seen, logs)

    def _report_point(self, now: float, seen: int, logs: Numbers) -> None:
        # Keras gives the mean since the epoch began; the difference of two sums is the mean since the last point.
        sums = np.array([logs["loss"], logs["accuracy"]]) * seen
        loss, accuracy = (sums - self._sums) / (seen - self._seen)
        speed = (seen - self._clock_seen) / max(now - self._clock, 1e-9)
        self._speed = speed if self._speed is None else 0.7 * self._speed + 0.3 * speed
        remaining = (self.params["epochs"] - self._epoch) * self._images - seen
        self._report(
            {
                "type": "batch",
                "epoch": round(self._epoch + seen / self._images, 4),
                "loss": _rounded(loss),
                "accuracy": min(1.0, max(0.0, _rounded(accuracy))),
                "images_per_second": round(self._speed, 1),
                "seconds_left": round(remaining / self._speed, 1),
            }
        )
        self._clock, self._clock_seen, self._seen, self._sums = now, seen, seen, sums

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        raise_if_stopped(self._should_stop)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        numbers = {name: _rounded(value) for name, value in (logs or {}).items()}
        if not all(map(math.isfinite, numbers.values())):
            self._diverge(epoch + 1)
        self._report(
            {
                "type": "epoch",
                "epoch": epoch + 1,
                "seconds": round(time.monotonic() - self._epoch_started, 3),
                "learning_rate": _rounded(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
                "watched": probabilities(self.model, self._watched),
                **numbers,
            }
        )

    def _diverge(self, epoch: float) -> None:
        self._report({"type": "diverged", "epoch": round(epoch, 4)})
        raise Diverged


class EpochWeights(keras.callbacks.Callback):
    """Keeps the weights after every epoch, without the optimiser's state, within ``max_bytes``.

    Attributes:
        epochs: Keras' logs of every whole epoch, ``past`` ones first.
    """

    def __init__(self, folder: Path, network: keras.Model, max_bytes: int, past: list[Numbers]) -> None:
        super().__init__()
        self._folder, self._network, self._max_bytes = folder, network, max_bytes
        self.epochs = list(past)

    def keep(self, epoch: int) -> None:
        """Write the weights as those after ``epoch`` epochs, 0 for the untrained network."""
        write_whole(weights_file(self._folder, epoch), self._network.save_weights)
        keep_evenly(self._folder, self._max_bytes, best_epoch(self.epochs))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epochs.append(dict(logs or {}))
        self.keep(epoch + 1)


class EarlyStopping(keras.callbacks.EarlyStopping):
    """Keras' own, which also counts the epochs before a crash. The best weights are those that `EpochWeights` kept."""

    def __init__(self, patience: int, past: list[Numbers]) -> None:
        super().__init__("val_loss", mode="min", patience=patience)
        self._past = past

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        for epoch, numbers in enumerate(self._past):
            self.on_epoch_end(epoch, numbers)


def best_epoch(epochs: list[Numbers]) -> int:
    """The epoch (1-based) with the lowest validation loss, 0 where there is none."""
    losses = [epoch["val_loss"] for epoch in epochs]
    return 1 + losses.index(min(losses)) if losses else 0


def probabilities(model: keras.Model, images: np.ndarray) -> list[list[float]]:
    """The model's answer for a few images as plain numbers: one list of class probabilities an image."""
    logits = keras.ops.convert_to_numpy(model(images, training=False))
    return np.nan_to_num(class_probabilities(logits).astype(np.float64)).round(4).tolist()


def _rounded(value: Any) -> float:
    return float(f"{float(value):.6g}")
