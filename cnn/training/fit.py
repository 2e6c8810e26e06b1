"""One training run, from its configuration to a saved model with its card."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.data import catalog
from cnn.errors import ConfigError
from cnn.home import write_json
from cnn.model.architectures import build
from cnn.training.callbacks import EpochWeights, Progress, probabilities, remove_backup
from cnn.training.config import TrainConfig
from cnn.training.epochs import kept, max_bytes, weights_file
from cnn.training.pipeline import (
    Examples,
    batches,
    held_out_examples,
    training_batches,
    training_examples,
    watched,
)
from cnn.training.queue import JobStopped

EVALUATION_BATCH = 500
Report = Callable[[dict[str, Any]], None]
ShouldStop = Callable[[], bool]


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``train``: ``settings`` is ``TrainConfig.to_dict()``. A built-in data set is made first."""
    config = TrainConfig.from_dict(settings)
    if catalog.info(config.dataset).builtin:
        catalog.prepare(config.dataset, report, should_stop)
    fit(config, folder, report, should_stop)


def fit(config: TrainConfig, folder: Path, report: Report, should_stop: ShouldStop) -> dict[str, Any]:
    """Train ``config`` into ``folder``, or go on there after a crash.

    Args:
        folder: gets ``model.keras``, ``card.json``, ``epochs/``, ``watched.npz`` and ``test_probabilities.npy``.
        report: called with the events "start", "batch", "epoch", "diverged" and "test".
        should_stop: asked after every batch.

    Returns:
        The model's card.

    Raises:
        JobStopped: ``should_stop`` said so; the model as of the last whole epoch is kept.
        DatasetError: the data set is not prepared.
    """
    started = time.monotonic()
    train = training_examples(config)
    validation = held_out_examples(config, "validation")
    if config.batch_size > len(train.labels):
        raise ConfigError(
            f"A batch of {config.batch_size} is larger than the {len(train.labels)} training images. "
            "Choose a smaller batch."
        )
    class_names = catalog.info(config.dataset).class_names
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    model = build(config.network, config.input_shape, len(class_names), seed=config.seed, dtype=dtype)
    # The same layers without an optimiser: what is saved and kept.
    network = keras.Model(model.inputs, model.outputs, name=model.name)
    steps = math.ceil(len(train.labels) / config.batch_size)
    model.compile(
        _optimizer(config, steps),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    backup = folder / "backup"
    first_epoch = _first_epoch(backup)
    chosen = watched(validation)
    np.savez(folder / "watched.npz", images=validation.images[chosen], labels=validation.labels[chosen])
    progress = Progress(
        report, should_stop, batch_size=config.batch_size, steps=steps, watched_images=validation.images[chosen]
    )
    weights = EpochWeights(folder, network, max_bytes(), lambda: progress.stopped)
    if first_epoch == 0:
        weights.keep(0)
    report(
        {
            "type": "start",
            "epochs": config.epochs,
            "first_epoch": first_epoch,
            "train": len(train.labels),
            "validation": len(validation.labels),
            "parameters": model.count_params(),
            "watched": probabilities(model, validation.images[chosen]),
        }
    )
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.TerminateOnNaN(), progress, weights]
    if config.early_stopping:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                "val_loss", patience=config.early_stopping, restore_best_weights=True, start_from_epoch=1
            )
        )
    if config.epochs > 1:
        callbacks.append(keras.callbacks.BackupAndRestore(backup, double_checkpoint=False))
    model.fit(
        training_batches(config, train, first_epoch),
        epochs=config.epochs,
        steps_per_epoch=steps,
        validation_data=batches(validation, EVALUATION_BATCH),
        callbacks=callbacks,
        verbose=0,
    )
    del train
    if progress.stopped:
        _back_to_last_epoch(folder, network)
    card = _finish(config, folder, network, report, validation, time.monotonic() - started)
    remove_backup(backup)
    if progress.stopped:
        raise JobStopped
    return card


def _optimizer(config: TrainConfig, steps: int) -> keras.optimizers.Optimizer:
    total = steps * config.epochs
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, total)
    elif config.schedule == "one-cycle":
        # Smith & Topin (2018), arXiv:1708.07120: up for a fifth of the run, then down along a cosine.
        up = max(1, total // 5)
        rate = keras.optimizers.schedules.CosineDecay(
            config.learning_rate / 10, total - up, warmup_target=config.learning_rate, warmup_steps=up
        )
    decay = config.weight_decay or None
    match config.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, weight_decay=decay)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    return keras.optimizers.Adam(rate, weight_decay=decay)


def _first_epoch(backup: Path) -> int:
    """The epoch (0-based) at which Keras' BackupAndRestore will go on."""
    try:
        return int(json.loads((backup / "training_metadata.json").read_text())["epoch"])
    except (OSError, ValueError, KeyError):
        return 0


def _back_to_last_epoch(folder: Path, network: keras.Model) -> None:
    network.load_weights(weights_file(folder, kept(folder)[-1]))


def _finish(
    config: TrainConfig, folder: Path, network: keras.Model, report: Report, validation: Examples, seconds: float
) -> dict[str, Any]:
    """Save the network, read the test split once, and write the card (last: a model with a card is whole)."""
    partial = folder / "partial.keras"
    network.save(partial)
    partial.replace(folder / "model.keras")
    test = held_out_examples(config, "test")
    logits = np.asarray(network.predict(batches(test, EVALUATION_BATCH), verbose=0), np.float32)
    answers = np.asarray(keras.ops.softmax(logits), np.float16)
    np.save(folder / "test_probabilities.npy", answers)
    correct = int((logits.argmax(axis=1) == test.labels).sum())
    right = network.predict(batches(validation, EVALUATION_BATCH), verbose=0).argmax(axis=1) == validation.labels
    report({"type": "test", "correct": correct, "count": len(test.labels), "accuracy": correct / len(test.labels)})
    card = {
        "dataset": config.dataset,
        "class_names": list(catalog.info(config.dataset).class_names),
        "input_shape": list(config.input_shape),
        "architecture": config.network.name,
        "parameters": network.count_params(),
        "test": {"correct": correct, "count": len(test.labels)},
        "validation": {"correct": int(right.sum()), "count": len(validation.labels)},
        "config": config.to_dict(),
        "pixel_seed": config.seed if config.shuffled_pixels else None,
        "bytes": (folder / "model.keras").stat().st_size,
        "seconds": round(seconds, 1),
        "created": round(time.time()),
        "keras": keras.__version__,
    }
    write_json(folder / "card.json", card)
    return card
