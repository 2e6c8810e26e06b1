"""The images of a run as tf.data pipelines: uint8 all the way, reproducible step by step."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from cnn.data import catalog
from cnn.data.augmentation.augmenter import augmenter
from cnn.data.augmentation.settings import Augmentation
from cnn.data.split import Split
from cnn.data.tf_data_options import without_autotune
from cnn.model.pixel_permutation import permute_pixels, pixel_permutation
from cnn.training.config import TrainConfig

WATCHED = 12


class Labelled(Protocol):
    """Images and labels by position: ``Examples``, or ``FittedExamples``."""

    @property
    def labels(self) -> np.ndarray: ...

    def __len__(self) -> int: ...

    def take(self, positions: Any) -> np.ndarray: ...


@dataclass(frozen=True)
class FittedExamples:
    """A split as a network of another input size sees it, read and resized when it is taken.

    Attributes:
        shape: (height, width, channels) of what the network takes.
    """

    split: Split
    shape: tuple[int, int, int]

    @property
    def labels(self) -> np.ndarray:
        """int64 (N,)."""
        return self.split.labels

    def __len__(self) -> int:
        return len(self.split)

    def take(self, positions: Any) -> np.ndarray:
        """The images at ``positions``, uint8 (n, *shape)."""
        return self.split.fitted(positions, self.shape)


@dataclass(frozen=True)
class Examples:
    """Images and labels as a run sees them. The images stay on disk until they are taken.

    Attributes:
        images: uint8 (M, H, W, C), of the network's size; or features, float32 (M, features).
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
        return images if self.pixels is None else permute_pixels(images, self.pixels)


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


def watched(examples: Labelled | Split) -> np.ndarray:
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
    """``shuffled_batches`` of a run from ``first_epoch`` (0-based) to its last."""
    epochs = range(first_epoch, config.epochs)
    return shuffled_batches(examples, epochs, config.batch_size, config.seed, config.variation)


def shuffled_batches(
    examples: Labelled, epochs: range, batch_size: int, seed: int, variation: Augmentation | None = None
) -> Any:
    """Batches of (images, labels) in another order each epoch, varied where ``variation`` says so.

    What a step sees depends on its number and the seed alone, so a run that goes on after a crash sees what it would
    have seen.
    """
    import tensorflow as tf

    steps = math.ceil(len(examples) / batch_size)

    @functools.lru_cache(maxsize=2)
    def order(epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, 3, epoch]).permutation(len(examples))

    def positions(number: int) -> np.ndarray:
        epoch, step = divmod(number, steps)
        return order(epoch)[step * batch_size :][:batch_size]

    numbers = tf.data.Dataset.range(epochs.start * steps, epochs.stop * steps).with_options(without_autotune())
    read = _reader(examples, positions)
    if variation is None or not variation.any():
        return numbers.map(read).prefetch(2)
    vary = augmenter(variation, seed)

    def read_and_vary(number: Any) -> Any:
        images, labels = read(number)
        return vary(images, number), labels

    return numbers.map(read_and_vary).prefetch(2)


def batches(examples: Labelled, size: int) -> Any:
    """Batches of (images, labels) in order, for evaluation."""
    import tensorflow as tf

    starts = tf.data.Dataset.range(0, len(examples), size).with_options(without_autotune())
    return starts.map(_reader(examples, lambda start: np.arange(start, min(start + size, len(examples))))).prefetch(2)


def _reader(examples: Labelled, positions: Callable[[int], np.ndarray]) -> Callable[[Any], Any]:
    """A function for ``Dataset.map``: number -> (images, labels) at ``positions(number)``.

    It reads from disk as it goes: as a tensor CIFAR-10 would be in memory twice.
    """
    import tensorflow as tf

    one = examples.take(np.array([0]))

    def take(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chosen = positions(int(number))
        return examples.take(chosen), examples.labels[chosen]

    def read(number: Any) -> Any:
        images, labels = tf.numpy_function(take, [number], (tf.as_dtype(one.dtype), tf.int64))
        return tf.ensure_shape(images, (None, *one.shape[1:])), tf.ensure_shape(labels, (None,))

    return read


def _examples(config: TrainConfig, split: Split, chosen: np.ndarray, labels: np.ndarray) -> Examples:
    shape = config.input_shape
    pixels = pixel_permutation(shape, config.seed) if config.shuffled_pixels else None
    return Examples(split.small, split.indices[chosen], labels, pixels)
