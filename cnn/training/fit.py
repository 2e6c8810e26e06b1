"""One training run, from its configuration to a saved model with its card."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.data import catalog
from cnn.errors import ConfigError
from cnn.files import write_whole
from cnn.model.build import build
from cnn.progress import Report, ShouldStop, Stopped
from cnn.training import backup
from cnn.training.callbacks import Diverged, EarlyStopping, EpochWeights, Progress, best_epoch, probabilities
from cnn.training.config import TrainConfig
from cnn.training.epoch_weights import delete_after, max_bytes, weights_file
from cnn.training.optimizer import optimizer
from cnn.training.pipeline import (
    Examples,
    batches,
    held_out_examples,
    steps_per_epoch,
    training_batches,
    training_examples,
    watched,
)
from cnn.training.save_run import save_run

EVALUATION_BATCH = 500


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``train``: ``settings`` is ``TrainConfig.to_dict()``. A built-in data set is made first."""
    config = TrainConfig.from_dict(settings)
    if catalog.info(config.dataset).builtin:
        catalog.prepare(config.dataset, report, should_stop)
    fit(config, folder, report, should_stop)


def fit(config: TrainConfig, folder: Path, report: Report, should_stop: ShouldStop) -> dict[str, Any]:
    """Train ``config`` into ``folder``, or go on there after a crash.

    The model is that of the last whole epoch, also where the run was stopped or diverged after it; with early stopping
    that of the epoch with the lowest validation loss.

    Args:
        folder: gets ``model.keras``, ``card.json``, ``epochs/``, ``watched.npz`` and ``test_probabilities.npy``.
        report: called with the events "start", "batch", "epoch", "diverged" and "test".
        should_stop: asked after every batch.

    Returns:
        The model's card.

    Raises:
        Stopped: ``should_stop`` said so; what was learned in whole epochs is kept.
        ConfigError: the batch is larger than the data, or the run diverged in its first epoch.
        DatasetError: the data set is not prepared.
    """
    started = time.monotonic()
    train, validation = training_examples(config), held_out_examples(config, "validation")
    if config.batch_size > len(train):
        raise ConfigError(
            f"A batch of {config.batch_size} is larger than the {len(train):,} training images. Choose a smaller batch."
        )
    model, network = _networks(config, steps_per_epoch(config, train))
    saved = folder / "backup.npz"
    past = backup.restore(saved, model)
    first_epoch = len(past.epochs)
    chosen = watched(validation)
    images = validation.take(chosen)
    write_whole(folder / "watched.npz", partial(np.savez, images=images, labels=validation.labels[chosen]))
    progress = Progress(report, should_stop, batch_size=config.batch_size, images=len(train), watched_images=images)
    weights = EpochWeights(folder, network, max_bytes(), past.epochs)
    delete_after(folder, first_epoch)
    if first_epoch == 0:
        weights.keep(0)
    report(
        {
            "type": "start",
            "epochs": config.epochs,
            "first_epoch": first_epoch,
            "train": len(train),
            "validation": len(validation),
            "parameters": model.count_params(),
            "watched": probabilities(model, images),
        }
    )
    early = [EarlyStopping(config.early_stopping, past.epochs)] if config.early_stopping else []
    ended = None
    try:
        if not past.over:
            model.fit(
                training_batches(config, train, first_epoch),
                initial_epoch=first_epoch,
                epochs=config.epochs,
                steps_per_epoch=steps_per_epoch(config, train),
                validation_data=batches(validation, EVALUATION_BATCH),
                shuffle=False,
                callbacks=[progress, weights, *early, backup.Backup(saved, past)],
                verbose=0,
            )
    except (Stopped, Diverged) as error:
        ended = type(error)
    epochs = weights.epochs
    if not epochs and ended is Diverged:
        raise ConfigError(
            "The loss ran away to infinity in the first epoch, so nothing was learned: the steps were too large. "
            f"Try a learning rate of {config.learning_rate / 10:g}."
        )
    if epochs:
        epoch = best_epoch(epochs) if config.early_stopping else len(epochs)
        network.load_weights(weights_file(folder, epoch))
        seconds = past.seconds + time.monotonic() - started
        # Keras' mean over whole batches is a count divided by the number of images, as a 32-bit float.
        right = round(epochs[epoch - 1]["val_accuracy"] * len(validation))
        card = _finish(config, folder, network, report, (right, len(validation)), epoch, len(epochs), seconds)
        saved.unlink(missing_ok=True)
    if ended is Stopped:
        raise Stopped
    return card


def _networks(config: TrainConfig, steps: int) -> tuple[keras.Model, keras.Model]:
    """The network to train, and the same layers without an optimiser: what is kept and saved."""
    classes = len(catalog.info(config.dataset).class_names)
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    model = build(config.network, config.input_shape, classes, seed=config.seed, dtype=dtype)
    model.compile(
        optimizer(config, steps),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        jit_compile=False,
    )
    # Variables made inside the first step would have TensorFlow trace the step twice.
    model.optimizer.build(model.trainable_variables)
    return model, keras.Model(model.inputs, model.outputs, name=model.name)


def _finish(
    config: TrainConfig,
    folder: Path,
    network: keras.Model,
    report: Report,
    validation: tuple[int, int],
    epoch: int,
    epochs: int,
    seconds: float,
) -> dict[str, Any]:
    """Ask the network about the held-out and, once, about the test images, and keep it with its card."""

    def logits(examples: Examples) -> np.ndarray:
        return network.predict(batches(examples, EVALUATION_BATCH), verbose=0)

    held_out, test = held_out_examples(config, "validation"), held_out_examples(config, "test")
    facts = {
        "architecture": config.network.name,
        "epoch": epoch,
        "epochs": epochs,
        "pixel_seed": config.seed if config.shuffled_pixels else None,
        "seconds": round(seconds, 1),
    }
    return save_run(folder, network, config, logits(held_out), logits(test), test.labels, validation, facts, report)
