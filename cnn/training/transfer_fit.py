"""One run of transfer learning: features once, then a head in seconds, then fine-tuning with a low rate."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.data import catalog
from cnn.errors import ConfigError
from cnn.files import write_whole
from cnn.model.fine_tuning import trainable_parameters, unfreeze
from cnn.model.pretrained_bases import HEAD, base_model, with_head
from cnn.progress import Report, ShouldStop, Stopped
from cnn.training import backup
from cnn.training.callbacks import Diverged, EpochWeights, Progress, probabilities
from cnn.training.epoch_weights import delete_after, max_bytes, weights_file
from cnn.training.pipeline import Examples, FittedExamples, batches, shuffled_batches, watched
from cnn.training.save_run import save_run
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import base_features

EVALUATION_BATCH = 64
STEPS_AT_ONCE = 8


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``transfer``: ``settings`` is ``TransferConfig.to_dict()``. A built-in data set is made first."""
    config = TransferConfig.from_dict(settings)
    if catalog.info(config.dataset).builtin:
        catalog.prepare(config.dataset, report, should_stop)
    fit_transfer(config, folder, report, should_stop)


def fit_transfer(config: TransferConfig, folder: Path, report: Report, should_stop: ShouldStop) -> dict[str, Any]:
    """Train ``config`` into ``folder``, or go on there after a crash.

    Args:
        folder: gets ``model.keras``, ``card.json``, ``epochs/``, ``watched.npz`` and the answers to held-out and test.
        report: called with "progress" while features are made, then "start", "batch", "epoch", "test". The epochs of
            the second phase are numbered after those of the first. "start" has the accuracy before any training.
        should_stop: asked after every batch.

    Returns:
        The model's card.

    Raises:
        Stopped: ``should_stop`` said so. In the second phase what was learned in whole epochs is kept.
        ConfigError: the loss became infinite.
        DatasetError: the data set is not prepared.
        ModelError: the base's weights are not here.
    """
    started = time.monotonic()
    base = base_model(config.base)
    known = base_features(config.dataset, config.base, report, should_stop, base)
    splits = {name: catalog.load(config.dataset, name) for name in known}
    classes = len(catalog.info(config.dataset).class_names)
    model = with_head(base, classes, seed=config.seed)
    steps = -(-len(splits["train"]) // config.batch_size)
    head = _head_alone(model, config, classes, steps)
    pooled = {name: Examples(known[name], np.arange(len(split)), split.labels) for name, split in splits.items()}

    chosen = watched(splits["validation"])
    images = splits["validation"].fitted(chosen, config.input_shape)
    labels = splits["validation"].labels[chosen]
    write_whole(folder / "watched.npz", partial(np.savez_compressed, images=images, labels=labels))
    # After a crash in the second phase the first is done again, to the same weights, in silence.
    resumed = (folder / "backup.npz").exists()
    if not resumed:
        delete_after(folder, 0)
    # The same layers without an optimiser, whose state would be kept with every epoch.
    network = keras.Model(model.inputs, model.outputs, name=model.name)
    weights = EpochWeights(folder, network, max_bytes(), [])
    weights.keep(0)
    before = _evaluated(head, pooled["validation"])
    report(
        {
            "type": "start",
            "epochs": config.epochs,
            "first_epoch": config.head_epochs if resumed else 0,
            "train": len(splits["train"]),
            "validation": len(splits["validation"]),
            "parameters": trainable_parameters(head),
            "watched": probabilities(head, known["validation"][chosen]),
            "before": before,
        }
    )
    progress = partial(Progress, should_stop=should_stop, batch_size=config.batch_size, images=len(splits["train"]))
    say: Report = (lambda event: None) if resumed else report
    try:
        history = head.fit(
            shuffled_batches(pooled["train"], range(config.head_epochs), config.batch_size, config.seed),
            epochs=config.head_epochs,
            steps_per_epoch=steps,
            validation_data=batches(pooled["validation"], EVALUATION_BATCH),
            shuffle=False,
            callbacks=[progress(say, watched_images=known["validation"][chosen])],
            verbose=0,
        )
    except Diverged as error:
        raise _diverged(config.learning_rate) from error
    logs = [{name: values[epoch] for name, values in history.history.items()} for epoch in range(config.head_epochs)]
    weights.epochs += logs
    weights.keep(config.head_epochs)
    stopped = False
    if config.tuned_layers:
        stopped = not _tune(config, folder, model, weights, progress(report, watched_images=images), splits)
        network.load_weights(weights_file(folder, len(weights.epochs)))

    def logits(split: str) -> np.ndarray:
        if len(weights.epochs) == config.head_epochs:
            return head.predict(batches(pooled[split], 500), verbose=0)
        fitted = FittedExamples(splits[split], config.input_shape)
        return model.predict(batches(fitted, EVALUATION_BATCH), verbose=0)

    facts = {
        "architecture": f"{config.base} with a new head",
        "epoch": len(weights.epochs),
        "epochs": len(weights.epochs),
        "pixel_seed": None,
        "seconds": round(time.monotonic() - started, 1),
    }
    held_out = len(splits["validation"])
    right = round(weights.epochs[-1]["val_accuracy"] * held_out)
    said, of_test = logits("validation"), logits("test")
    card = save_run(folder, network, config, said, of_test, splits["test"].labels, (right, held_out), facts, report)
    (folder / "backup.npz").unlink(missing_ok=True)
    if stopped:
        raise Stopped
    return card


def _tune(
    config: TransferConfig,
    folder: Path,
    model: keras.Model,
    weights: EpochWeights,
    progress: Progress,
    splits: dict[str, Any],
) -> bool:
    """The second phase; whether it came to its end. The model is that of the last whole epoch."""
    unfreeze(model, config.tuned_layers)
    _compile(model, config.tuning_rate, len(catalog.info(config.dataset).class_names))
    model.optimizer.build(model.trainable_variables)
    past = backup.restore(folder / "backup.npz", model)
    weights.epochs += past.epochs
    first = config.head_epochs + len(past.epochs)
    train = FittedExamples(splits["train"], config.input_shape)
    rest = range(first, config.epochs)
    held_out = FittedExamples(splits["validation"], config.input_shape)
    ended: type[Exception] | None = None
    try:
        if not past.over:
            model.fit(
                shuffled_batches(train, rest, config.batch_size, config.seed, config.augmentation),
                initial_epoch=first,
                epochs=config.epochs,
                steps_per_epoch=-(-len(train) // config.batch_size),
                validation_data=batches(held_out, EVALUATION_BATCH),
                shuffle=False,
                callbacks=[progress, weights, backup.Backup(folder / "backup.npz", past)],
                verbose=0,
            )
    except (Stopped, Diverged) as error:
        ended = type(error)
    if ended is Diverged and len(weights.epochs) == config.head_epochs:
        raise _diverged(config.tuning_rate)
    return ended is not Stopped


def _head_alone(model: keras.Model, config: TransferConfig, classes: int, steps: int) -> keras.Model:
    """The model's own head as a model from features to logits: training it trains the model."""
    layer = model.get_layer(HEAD)
    inputs = keras.Input((layer.kernel.shape[0],), name="features")
    head = keras.Model(inputs, layer(inputs))
    # A step of the head is so short that calling it takes longer; several at once where that comes out even.
    at_once = next(count for count in range(STEPS_AT_ONCE, 0, -1) if steps % count == 0)
    _compile(head, config.learning_rate, classes, at_once)
    head.optimizer.build(head.trainable_variables)
    return head


def _compile(model: keras.Model, rate: float, classes: int, steps_at_once: int = 1) -> None:
    if classes == 2:
        loss: keras.Loss = keras.losses.BinaryCrossentropy(from_logits=True)
        metric: keras.Metric = keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        metric = keras.metrics.SparseCategoricalAccuracy("accuracy")
    model.compile(
        keras.optimizers.Adam(rate), loss, metrics=[metric], jit_compile=False, steps_per_execution=steps_at_once
    )


def _evaluated(head: keras.Model, examples: Examples) -> dict[str, float]:
    loss, accuracy = head.evaluate(batches(examples, 500), verbose=0)
    return {"val_loss": float(f"{loss:.6g}"), "val_accuracy": float(f"{accuracy:.6g}")}


def _diverged(rate: float) -> ConfigError:
    return ConfigError(
        "The loss ran away to infinity, so nothing was learned: the steps were too large. "
        f"Try a learning rate of {rate / 10:g}."
    )
