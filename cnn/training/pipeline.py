"""The images of a run as tf.data pipelines: uint8 all the way, reproducible step by step."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnn.data import catalog
from cnn.data.augmentation import augmenter
from cnn.data.layout import Split
from cnn.data.options import without_autotune
from cnn.model.pixels import permutation, permute
from cnn.training.config import TrainConfig

WATCHED = 12


@dataclass(frozen=True)
class Examples:
    """Images and labels as a run sees them. The images stay on disk until they are taken.

    Attributes:
        images: uint8 (M, H, W, C), of the network's size.
        rows: int64 (N,), which of ``images`` these are.
        labels: int64 (N,).
        pixels: the permutation of the experiment with shuffled pixels, or None.
    """

    images: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    pixels: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, positions: Any) -> np.ndarray:
        """The images at ``positions``, uint8 (n, H, W, C)."""
        images = np.asarray(self.images[self.rows[positions]])
        return images if self.pixels is None else permute(images, self.pixels)


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
    return _examples(config, split, chosen, labels)


def held_out_examples(config: TrainConfig, split: str) -> Examples:
    """The whole "validation" or "test" split, with the run's shuffled pixels if it has them."""
    part = catalog.load(config.dataset, split)
    return _examples(config, part, np.arange(len(part)), part.labels)


def watched(examples: Examples) -> np.ndarray:
    """Positions of the (at most) twelve images a run is watched by, spread over the classes: int64 (12,)."""
    order = np.random.default_rng(12).permutation(len(examples))
    turn = np.zeros(len(order), np.int64)
    seen: dict[int, int] = {}
    for i, label in enumerate(examples.labels[order].tolist()):
        turn[i] = seen[label] = seen.get(label, -1) + 1
    return order[np.argsort(turn, kind="stable")][:WATCHED]


def steps_per_epoch(config: TrainConfig, examples: Examples) -> int:
    """Batches an epoch, the last one maybe smaller."""
    return math.ceil(len(examples) / config.batch_size)


def training_batches(config: TrainConfig, examples: Examples, first_epoch: int) -> Any:
    """Batches of (images, labels) from ``first_epoch`` (0-based) to the last.

    What a step sees depends on its number and the seed alone, so a run that goes on after a crash sees what it would
    have seen.
    """
    import tensorflow as tf

    steps = steps_per_epoch(config, examples)

    @functools.lru_cache(maxsize=2)
    def order(epoch: int) -> np.ndarray:
        return np.random.default_rng([config.seed, 3, epoch]).permutation(len(examples))

    def positions(number: int) -> np.ndarray:
        epoch, step = divmod(number, steps)
        return order(epoch)[step * config.batch_size :][: config.batch_size]

    numbers = tf.data.Dataset.range(first_epoch * steps, config.epochs * steps).with_options(without_autotune())
    read = _reader(examples, positions)
    if not config.variation.any():
        return numbers.map(read).prefetch(2)
    vary = augmenter(config.variation, config.seed)

    def read_and_vary(number: Any) -> Any:
        images, labels = read(number)
        return vary(images, number), labels

    return numbers.map(read_and_vary).prefetch(2)


def batches(examples: Examples, size: int) -> Any:
    """Batches of (images, labels) in order, for evaluation."""
    import tensorflow as tf

    starts = tf.data.Dataset.range(0, len(examples), size).with_options(without_autotune())
    return starts.map(_reader(examples, lambda start: np.arange(start, min(start + size, len(examples))))).prefetch(2)


def _reader(examples: Examples, positions: Callable[[int], np.ndarray]) -> Callable[[Any], Any]:
    """A function for ``Dataset.map``: number -> (images, labels) at ``positions(number)``.

    It reads from disk as it goes: as a tensor CIFAR-10 would be in memory twice.
    """
    import tensorflow as tf

    def take(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chosen = positions(int(number))
        return examples.take(chosen), examples.labels[chosen]

    def read(number: Any) -> Any:
        images, labels = tf.numpy_function(take, [number], (tf.uint8, tf.int64))
        return tf.ensure_shape(images, (None, *examples.images.shape[1:])), tf.ensure_shape(labels, (None,))

    return read


def _examples(config: TrainConfig, split: Split, chosen: np.ndarray, labels: np.ndarray) -> Examples:
    shape = config.input_shape
    pixels = permutation(shape, config.seed) if config.shuffled_pixels else None
    return Examples(split.small, split.indices[chosen], labels, pixels)
