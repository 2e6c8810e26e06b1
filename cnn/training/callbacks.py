"""What a run does beside training: reports, keeps every epoch's weights, and stops when it is asked to."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.training.epochs import keep_evenly, weights_file

SECONDS_BETWEEN_POINTS = 0.2


class Progress(keras.callbacks.Callback):
    """Reports batches (at most five a second) and epochs, and ends training when ``should_stop`` says so.

    A stopped, partial epoch is not an epoch: Keras would still call ``on_epoch_end`` for it, and it is not reported.
    """

    def __init__(
        self,
        report: Callable[[dict[str, Any]], None],
        should_stop: Callable[[], bool],
        *,
        batch_size: int,
        steps: int,
        watched_images: np.ndarray,
    ) -> None:
        super().__init__()
        self.stopped = False
        self._report, self._should_stop = report, should_stop
        self._batch_size, self._steps, self._watched = batch_size, steps, watched_images
        self._epoch = 0
        self._speed: float | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._epoch_started = self._point_time = time.monotonic()
        self._point_step, self._sums = 0, (0.0, 0.0)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._should_stop():
            self.stopped = self.model.stop_training = True
        now = time.monotonic()
        if now - self._point_time < SECONDS_BETWEEN_POINTS and batch + 1 < self._steps:
            return
        step, logs = batch + 1, logs or {}
        # Keras gives the mean since the epoch began; the difference of two sums is the mean since the last point.
        sums = (float(logs["loss"]) * step, float(logs["accuracy"]) * step)
        since = step - self._point_step
        speed = since * self._batch_size / max(now - self._point_time, 1e-9)
        self._speed = speed if self._speed is None else 0.7 * self._speed + 0.3 * speed
        remaining = (self.params["epochs"] - self._epoch) * self._steps - step
        self._report(
            {
                "type": "batch",
                "epoch": round(self._epoch + step / self._steps, 4),
                "loss": _finite((sums[0] - self._sums[0]) / since),
                "accuracy": _finite((sums[1] - self._sums[1]) / since),
                "images_per_second": round(self._speed, 1),
                "seconds_left": round(remaining * self._batch_size / self._speed, 1),
            }
        )
        self._point_time, self._point_step, self._sums = now, step, sums

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.stopped:
            return
        numbers = {name: _finite(float(value)) for name, value in (logs or {}).items()}
        rate = _finite(float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))
        self._report(
            {
                "type": "epoch",
                "epoch": epoch + 1,
                "seconds": round(time.monotonic() - self._epoch_started, 3),
                "learning_rate": rate,
                "watched": probabilities(self.model, self._watched),
                **numbers,
            }
        )


class EpochWeights(keras.callbacks.Callback):
    """Keeps the weights after every epoch, without the optimiser's state, within ``max_bytes``."""

    def __init__(self, folder: Path, network: keras.Model, max_bytes: int, finished: Callable[[], bool]) -> None:
        super().__init__()
        self._folder, self._network, self._max_bytes, self._finished = folder, network, max_bytes, finished

    def keep(self, epoch: int) -> None:
        """Write the weights as those after ``epoch`` epochs, 0 for the untrained network."""
        final = weights_file(self._folder, epoch)
        final.parent.mkdir(exist_ok=True)
        temporary = final.with_name(f"partial.{final.name}")
        self._network.save_weights(temporary)
        temporary.replace(final)
        keep_evenly(self._folder, self._max_bytes)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._finished():
            self.keep(epoch + 1)


def probabilities(model: keras.Model, images: np.ndarray) -> list[list[float]]:
    """The model's answer for a few images as plain numbers: one list of class probabilities an image."""
    logits = np.asarray(model(images, training=False), np.float64)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    answers = powers / powers.sum(axis=1, keepdims=True)
    return [[_finite(round(float(value), 4)) or 0.0 for value in row] for row in answers]


def remove_backup(folder: Path) -> None:
    """Forget the state a crash would have gone on from."""
    shutil.rmtree(folder, ignore_errors=True)


def _finite(value: float) -> float | None:
    return float(f"{value:.6g}") if np.isfinite(value) else None
