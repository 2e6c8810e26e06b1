"""The images of a run as tf.data pipelines: uint8 all the way, reproducible epoch by epoch."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnn.data import catalog
from cnn.data.augmentation import augmenter
from cnn.data.images import fit_to
from cnn.data.layout import Split
from cnn.model.pixels import permutation, permute
from cnn.training.config import TrainConfig

WATCHED = 12


@dataclass(frozen=True)
class Examples:
    """Images uint8 (N, H, W, C) of the network's size, and labels int64 (N,)."""

    images: np.ndarray
    labels: np.ndarray


def training_examples(config: TrainConfig) -> Examples:
    """What the run trains on, after ``training_images`` and the two experiments."""
    split = catalog.load(config.dataset, "train")
    random = np.random.default_rng([config.seed, 1])
    chosen = np.arange(len(split))
    if config.training_images is not None:
        chosen = np.sort(random.permutation(len(split))[: config.training_images])
    labels = split.labels[chosen]
    if config.shuffled_labels:
        labels = random.integers(0, len(catalog.info(config.dataset).class_names), len(labels))
    return Examples(_images(config, split, chosen), labels)


def held_out_examples(config: TrainConfig, split: str) -> Examples:
    """The whole "validation" or "test" split, with the run's shuffled pixels if it has them."""
    part = catalog.load(config.dataset, split)
    return Examples(_images(config, part, np.arange(len(part))), part.labels)


def watched(examples: Examples) -> np.ndarray:
    """Positions of the twelve images a run is watched by, spread over the classes: int64 (12,)."""
    random = np.random.default_rng(12)
    order = random.permutation(len(examples.labels))
    rounds = np.zeros(len(order), np.int64)
    seen: dict[int, int] = {}
    for i, label in enumerate(examples.labels[order]):
        rounds[i] = seen[label] = seen.get(label, -1) + 1
    return order[np.argsort(rounds, kind="stable")][:WATCHED]


def training_batches(config: TrainConfig, examples: Examples, first_epoch: int) -> Any:
    """Batches of (images, labels) from ``first_epoch`` (0-based) to the last.

    The order and the variations of an epoch depend on (seed, epoch) alone, so that a run that goes on after a crash
    sees what it would have seen.
    """
    import tensorflow as tf

    images, labels = tf.constant(examples.images), tf.constant(examples.labels)
    vary = augmenter(config.variation, config.seed) if config.variation.any() else None
    everything = tf.range(len(examples.labels))

    def epoch(number: Any) -> Any:
        order = tf.random.experimental.stateless_shuffle(everything, seed=tf.stack([config.seed, number]))
        return tf.data.Dataset.from_tensor_slices(order).batch(config.batch_size).enumerate(number * 1_000_000)

    def batch(number: Any, chosen: Any) -> Any:
        selected = tf.gather(images, chosen)
        return (vary(selected, number) if vary else selected), tf.gather(labels, chosen)

    numbers = tf.data.Dataset.range(first_epoch, config.epochs)
    return numbers.flat_map(epoch).map(batch, num_parallel_calls=1).prefetch(2)


def batches(examples: Examples, size: int) -> Any:
    """Batches of (images, labels) in order, for evaluation."""
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((examples.images, examples.labels)).batch(size).prefetch(2)


def _images(config: TrainConfig, split: Split, positions: np.ndarray) -> np.ndarray:
    shape = config.input_shape
    if catalog.info(config.dataset).shape == shape:
        images = split.take(positions)
    else:
        images = np.empty((len(positions), *shape), np.uint8)
        for row, position in enumerate(positions):
            images[row] = fit_to(split.image(position), shape)
    return permute(images, permutation(shape, config.seed)) if config.shuffled_pixels else images
