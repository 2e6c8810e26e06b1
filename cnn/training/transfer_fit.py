"""One run of transfer learning: features once, then a head in seconds, then fine-tuning at a low rate."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
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
from cnn.model.fine_tuning import trainable_parameters, unfreeze
from cnn.model.pretrained_bases import HEAD, base_model, network_title_on, with_head
from cnn.progress import Report, ShouldStop, Stopped
from cnn.training import backup
from cnn.training.callbacks import Diverged, EpochWeights, Logs, ProgressReporter, predict_probabilities
from cnn.training.epoch_weights import delete_epochs_after, max_bytes, weights_file
from cnn.training.pipeline import (
    Examples,
    LabelledExamples,
    ResizedExamples,
    shuffled_batches,
    steps_per_epoch,
    watched_positions,
    weighted_batches,
)
from cnn.training.save_run import HeldOutLogits, held_out_logits, save_run
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import extract_features

IMAGE_BATCH, FEATURE_BATCH = 64, 500  # for evaluation
MAX_STEPS_PER_EXECUTION = 8
_OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}


@dataclass(frozen=True)
class _Data:
    """A data set's splits by name, for the head as the base's features and for fine-tuning as images."""

    features: dict[str, Examples]
    images: dict[str, ResizedExamples]
    class_weights: np.ndarray | None  # float64 (classes,)

    @property
    def weight_by_class(self) -> dict[int, float] | None:
        """The class weights as Keras takes them."""
        return None if self.class_weights is None else dict(enumerate(self.class_weights.tolist()))


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``transfer``; prepares a built-in data set first.

    Args:
        settings: ``TransferConfig.to_dict()``.

    Raises:
        DatasetError: its owner may not open the images.
    """
    config = TransferConfig.from_dict(settings)
    refuse_closed(config.dataset, queue.workspace_of(folder))
    if catalog.info(config.dataset).builtin:
        catalog.prepare(config.dataset, report, should_stop)
    fit_transfer(config, folder, report, should_stop)


def fit_transfer(config: TransferConfig, folder: Path, report: Report, should_stop: ShouldStop) -> dict[str, Any]:
    """Train ``config`` in ``folder``, or resume there after a crash.

    Args:
        folder: receives ``model.keras``, ``card.json``, ``epochs/``, ``watched.npz`` and ``<split>_probabilities.npy``.
        report: called with "progress" while features are extracted, then "start", "batch", "epoch", "test". Fine-tuning
            continues the head's epoch numbers. "start" has the accuracy before any training.
        should_stop: called after every batch.

    Returns:
        The model's card.

    Raises:
        Stopped: ``should_stop`` returned true; what finished epochs of fine-tuning have learned is saved.
        ConfigError: the loss became infinite.
        DatasetError: the data set is not prepared.
        ModelError: the base's weights are not on this machine.
    """
    started = time.monotonic()
    base = base_model(config.base)
    data = _load_data(config, base, report, should_stop)
    model = with_head(base, len(catalog.info(config.dataset).class_names), seed=config.seed)
    head = _head_model(model, config, steps_per_epoch(data.features["train"], config.batch_size))
    watched_images, watched_features = _save_watched_images(folder, data)
    # After a crash in fine-tuning the head is trained again, to the same weights, but its events are not repeated.
    resumed = (folder / "backup.npz").exists()
    if not resumed:
        delete_epochs_after(folder, 0)
    # The same layers without an optimiser, whose state would otherwise be saved with every epoch.
    network = keras.Model(model.inputs, model.outputs, name=model.name)
    weights = EpochWeights(folder, network, max_bytes(), [])
    weights.save(0)
    report(_start_event(config, head, data, watched_features, resumed))
    reporter = partial(
        ProgressReporter, should_stop=should_stop, batch_size=config.batch_size, images=len(data.images["train"])
    )
    report_head: Report = (lambda event: None) if resumed else report
    weights.epochs += _train_head(config, head, data, reporter(report_head, watched_images=watched_features))
    weights.save(config.head_epochs)
    finished = True
    if config.tuned_layers:
        finished = _fine_tune(config, folder, model, data, weights, reporter(report, watched_images=watched_images))
        network.load_weights(weights_file(folder, len(weights.epochs)))
    facts = {
        "architecture": network_title_on(config.base),
        "epoch": len(weights.epochs),
        "epochs": len(weights.epochs),
        "pixel_seed": None,
        "seconds": round(time.monotonic() - started, 1),
    }
    card = save_run(folder, network, config, _final_logits(config, head, model, data, weights.epochs), facts, report)
    (folder / "backup.npz").unlink(missing_ok=True)
    if not finished:
        raise Stopped
    return card


def _load_data(config: TransferConfig, base: keras.Model, report: Report, should_stop: ShouldStop) -> _Data:
    features = extract_features(config.dataset, config.base, report, should_stop, base)
    splits = {name: catalog.load(config.dataset, name) for name in features}
    classes = len(catalog.info(config.dataset).class_names)
    return _Data(
        {name: Examples(features[name], np.arange(len(split)), split.labels) for name, split in splits.items()},
        {name: ResizedExamples(split, config.input_shape) for name, split in splits.items()},
        balanced_weights(splits["train"].labels, classes) if config.class_weights else None,
    )


def _save_watched_images(folder: Path, data: _Data) -> tuple[np.ndarray, np.ndarray]:
    """Write ``watched.npz``; returns its images, uint8 (12, H, W, C), and their features, float32 (12, features)."""
    validation = data.images["validation"]
    positions = watched_positions(validation)
    images, labels = validation.take(positions), validation.labels[positions]
    write_whole(folder / "watched.npz", partial(np.savez_compressed, images=images, labels=labels))
    return images, data.features["validation"].take(positions)


def _start_event(
    config: TransferConfig, head: keras.Model, data: _Data, watched_features: np.ndarray, resumed: bool
) -> dict[str, Any]:
    loss, accuracy = head.evaluate(
        weighted_batches(data.features["validation"], FEATURE_BATCH, data.class_weights), verbose=0
    )
    return {
        "type": "start",
        "epochs": config.epochs,
        "first_epoch": config.head_epochs if resumed else 0,
        "train": len(data.images["train"]),
        "validation": len(data.images["validation"]),
        "parameters": trainable_parameters(head),
        "watched": predict_probabilities(head, watched_features),
        "before": {"val_loss": float(f"{loss:.6g}"), "val_accuracy": float(f"{accuracy:.6g}")},
    }


def _train_head(config: TransferConfig, head: keras.Model, data: _Data, reporter: ProgressReporter) -> list[Logs]:
    """Train the head alone; returns Keras' logs of each epoch."""
    train = data.features["train"]
    try:
        history = head.fit(
            shuffled_batches(train, range(config.head_epochs), config.batch_size, config.seed),
            epochs=config.head_epochs,
            steps_per_epoch=steps_per_epoch(train, config.batch_size),
            validation_data=weighted_batches(data.features["validation"], IMAGE_BATCH, data.class_weights),
            class_weight=data.weight_by_class,
            shuffle=False,
            callbacks=[reporter],
            verbose=0,
        )
    except Diverged as error:
        raise _divergence_error(config.learning_rate) from error
    return [{name: values[epoch] for name, values in history.history.items()} for epoch in range(config.head_epochs)]


def _fine_tune(
    config: TransferConfig,
    folder: Path,
    model: keras.Model,
    data: _Data,
    weights: EpochWeights,
    reporter: ProgressReporter,
) -> bool:
    """Train the head and the base's top layers, resuming from a backup if there is one.

    Returns:
        False if it was stopped. ``weights.epochs`` then ends with the last finished epoch.
    """
    unfreeze(model, config.tuned_layers)
    _compile(model, config.optimizer, config.tuning_rate)
    model.optimizer.build(model.trainable_variables)
    past = backup.restore(folder / "backup.npz", model)
    weights.epochs += past.epochs
    first_epoch = config.head_epochs + len(past.epochs)
    epochs = range(first_epoch, config.epochs)
    train = data.images["train"]
    interruption: type[Exception] | None = None
    try:
        if not past.over:
            model.fit(
                shuffled_batches(train, epochs, config.batch_size, config.seed, config.augmentation),
                initial_epoch=first_epoch,
                epochs=config.epochs,
                steps_per_epoch=steps_per_epoch(train, config.batch_size),
                validation_data=weighted_batches(data.images["validation"], IMAGE_BATCH, data.class_weights),
                class_weight=data.weight_by_class,
                shuffle=False,
                callbacks=[reporter, weights, backup.Backup(folder / "backup.npz", past)],
                verbose=0,
            )
    except (Stopped, Diverged) as error:
        interruption = type(error)
    if interruption is Diverged and len(weights.epochs) == config.head_epochs:
        raise _divergence_error(config.tuning_rate)
    return interruption is not Stopped


def _final_logits(
    config: TransferConfig, head: keras.Model, model: keras.Model, data: _Data, epochs: list[Logs]
) -> HeldOutLogits:
    """Logits of the head if no epoch of fine-tuning was finished, else of the whole model."""
    fine_tuned = len(epochs) > config.head_epochs
    examples: Mapping[str, LabelledExamples] = data.images if fine_tuned else data.features
    return held_out_logits(
        model if fine_tuned else head,
        examples["validation"],
        examples["test"],
        validation_accuracy=epochs[-1]["val_accuracy"],
        batch_size=IMAGE_BATCH if fine_tuned else FEATURE_BATCH,
    )


def _head_model(model: keras.Model, config: TransferConfig, steps: int) -> keras.Model:
    """The model's head layer as a compiled model from features to logits; they share their weights.

    Args:
        steps: batches per epoch.
    """
    layer = model.get_layer(HEAD)
    inputs = keras.Input((layer.kernel.shape[0],), name="features")
    head = keras.Model(inputs, layer(inputs))
    # A step of the head is shorter than the call that starts it, so run several per call where that divides evenly.
    steps_per_execution = next(count for count in range(MAX_STEPS_PER_EXECUTION, 0, -1) if steps % count == 0)
    _compile(head, config.optimizer, config.learning_rate, steps_per_execution)
    head.optimizer.build(head.trainable_variables)
    return head


def _compile(model: keras.Model, optimizer: str, learning_rate: float, steps_per_execution: int = 1) -> None:
    if model.output_shape[-1] == 1:
        loss: keras.Loss = keras.losses.BinaryCrossentropy(from_logits=True)
        metric: keras.Metric = keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        metric = keras.metrics.SparseCategoricalAccuracy("accuracy")
    model.compile(
        _OPTIMIZERS[optimizer](learning_rate),
        loss,
        metrics=[metric],
        jit_compile=False,
        steps_per_execution=steps_per_execution,
    )


def _divergence_error(learning_rate: float) -> ConfigError:
    return ConfigError(
        "The loss ran away to infinity, so nothing was learned: the steps were too large. "
        f"Try a learning rate of {learning_rate / 10:g}."
    )
