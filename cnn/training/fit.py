"""One training run from scratch, from its configuration to a saved model with its card."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.data import catalog
from cnn.data.class_balance import balanced_weights
from cnn.data.own.sharing import refuse_closed
from cnn.errors import ConfigError
from cnn.files import write_whole
from cnn.jobs import queue
from cnn.model import gpu
from cnn.model.build import build
from cnn.progress import Report, ShouldStop, Stopped
from cnn.training import backup
from cnn.training.callbacks import (
    Diverged,
    EarlyStopping,
    EpochWeights,
    Logs,
    ProgressReporter,
    best_epoch,
    predict_probabilities,
)
from cnn.training.config import TrainConfig, check_batch_fits
from cnn.training.epoch_weights import delete_epochs_after, max_bytes, weights_file
from cnn.training.optimizer import build_optimizer
from cnn.training.pipeline import (
    Examples,
    held_out_examples,
    steps_per_epoch,
    training_batches,
    training_examples,
    validation_batches,
    watched_positions,
)
from cnn.training.save_run import held_out_logits, save_run

EVALUATION_BATCH = 500


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``train``; prepares a built-in data set first.

    Args:
        settings: ``TrainConfig.to_dict()``.

    Raises:
        DatasetError: its owner may not open the images.
    """
    config = TrainConfig.from_dict(settings)
    refuse_closed(config.dataset, queue.workspace_of(folder))
    if catalog.info(config.dataset).builtin:
        catalog.prepare(config.dataset, report, should_stop)
    fit(config, folder, report, should_stop)


def fit(config: TrainConfig, folder: Path, report: Report, should_stop: ShouldStop) -> dict[str, Any]:
    """Train ``config`` in ``folder``, or resume there after a crash.

    The model has the weights of the last finished epoch, even if the run was stopped or diverged after it; with early
    stopping, those of the epoch with the lowest validation loss.

    Args:
        folder: receives ``model.keras``, ``card.json``, ``epochs/``, ``watched.npz`` and ``<split>_probabilities.npy``.
        report: called with the events "start", "batch", "epoch", "diverged" and "test".
        should_stop: called after every batch.

    Returns:
        The model's card.

    Raises:
        Stopped: ``should_stop`` returned true; what finished epochs have learned is saved.
        ConfigError: the batch is larger than the data, or the run diverged in its first epoch.
        DatasetError: the data set is not prepared.
    """
    started = time.monotonic()
    train, validation = training_examples(config), held_out_examples(config, "validation")
    check_batch_fits(config.batch_size, len(train))
    model, network = build_networks(config, steps_per_epoch(train, config.batch_size))
    past = backup.restore(folder / "backup.npz", model)
    watched_images = _save_watched_images(folder, validation)
    weights = EpochWeights(folder, network, max_bytes(), past.epochs)
    delete_epochs_after(folder, len(past.epochs))
    if not past.epochs:
        weights.save(0)
    report(
        {
            "type": "start",
            "epochs": config.epochs,
            "first_epoch": len(past.epochs),
            "train": len(train),
            "validation": len(validation),
            "parameters": model.count_params(),
            "watched": predict_probabilities(model, watched_images),
        }
    )
    reporter = ProgressReporter(
        report, should_stop, batch_size=config.batch_size, images=len(train), watched_images=watched_images
    )
    interruption = None
    if not past.over:
        early_stopping = [EarlyStopping(config.early_stopping, past.epochs)] if config.early_stopping else []
        callbacks = [reporter, weights, *early_stopping, backup.Backup(folder / "backup.npz", past)]
        interruption = _train(config, model, train, validation, len(past.epochs), callbacks)
    if interruption is Diverged and not weights.epochs:
        raise ConfigError(
            "The loss ran away to infinity in the first epoch, so nothing was learned: the steps were too large. "
            f"Try a learning rate of {config.learning_rate / 10:g}."
        )
    if weights.epochs:
        seconds = past.seconds + time.monotonic() - started
        card = _save_best_epoch(config, folder, network, validation, weights.epochs, seconds, report)
        (folder / "backup.npz").unlink(missing_ok=True)
    if interruption is Stopped:
        raise Stopped
    return card


def build_networks(config: TrainConfig, steps: int) -> tuple[keras.Model, keras.Model]:
    """The compiled network to train, and the same layers without an optimiser, for saving.

    Args:
        steps: batches per epoch.
    """
    classes = len(catalog.info(config.dataset).class_names)
    dtype = gpu.training_dtype(mixed_precision=config.mixed_precision)
    model = build(config.network, config.input_shape, classes, seed=config.seed, dtype=dtype)
    loss: keras.Loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    accuracy = keras.metrics.SparseCategoricalAccuracy
    if config.label_fractions:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.label_smoothing)
        accuracy = keras.metrics.CategoricalAccuracy
    model.compile(
        build_optimizer(config, steps),
        loss,
        metrics=[accuracy("accuracy")],
        jit_compile=False,
    )
    # Variables created inside the first step would make TensorFlow trace the step twice.
    model.optimizer.build(model.trainable_variables)
    return model, keras.Model(model.inputs, model.outputs, name=model.name)


def _save_watched_images(folder: Path, validation: Examples) -> np.ndarray:
    """Write ``watched.npz``; returns its images, uint8 (12, H, W, C)."""
    positions = watched_positions(validation)
    images = validation.take(positions)
    write_whole(folder / "watched.npz", partial(np.savez, images=images, labels=validation.labels[positions]))
    return images


def _train(
    config: TrainConfig,
    model: keras.Model,
    train: Examples,
    validation: Examples,
    first_epoch: int,
    callbacks: list[keras.callbacks.Callback],
) -> type[Exception] | None:
    """Train from ``first_epoch`` (0-based) on; returns ``Stopped`` or ``Diverged`` if that ended it early."""
    classes = len(catalog.info(config.dataset).class_names)
    weights = balanced_weights(train.labels, classes) if config.class_weights else None
    try:
        model.fit(
            training_batches(config, train, first_epoch),
            initial_epoch=first_epoch,
            epochs=config.epochs,
            steps_per_epoch=steps_per_epoch(train, config.batch_size),
            validation_data=validation_batches(config, validation, EVALUATION_BATCH, weights),
            class_weight=None if weights is None else dict(enumerate(weights.tolist())),
            shuffle=False,
            callbacks=callbacks,
            verbose=0,
        )
    except (Stopped, Diverged) as error:
        return type(error)
    return None


def _save_best_epoch(
    config: TrainConfig,
    folder: Path,
    network: keras.Model,
    validation: Examples,
    epochs: list[Logs],
    seconds: float,
    report: Report,
) -> dict[str, Any]:
    """Save the weights of the best epoch with early stopping, else of the last one; returns the card."""
    epoch = best_epoch(epochs) if config.early_stopping else len(epochs)
    network.load_weights(weights_file(folder, epoch))
    logits = held_out_logits(
        network,
        validation,
        held_out_examples(config, "test"),
        validation_accuracy=epochs[epoch - 1]["val_accuracy"],
        batch_size=EVALUATION_BATCH,
    )
    facts = {
        "architecture": config.network.name,
        "epoch": epoch,
        "epochs": len(epochs),
        "pixel_seed": config.seed if config.shuffled_pixels else None,
        "seconds": round(seconds, 1),
    }
    return save_run(folder, network, config, logits, facts, report)
