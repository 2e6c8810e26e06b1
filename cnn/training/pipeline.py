"""The images of a run as tf.data pipelines: uint8 throughout, reproducible step by step."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from cnn.data import catalog
from cnn.data.augmentation.augmenter import augmenter
from cnn.data.augmentation.mixing import mixer
from cnn.data.augmentation.settings import Augmentation
from cnn.data.split import Split
from cnn.data.tf_data_options import without_autotune
from cnn.model.pixel_permutation import permute_pixels, pixel_permutation
from cnn.training.config import TrainConfig

WATCHED = 12


class LabelledExamples(Protocol):
    """Images and labels by position: ``Examples``, or ``ResizedExamples``."""

    @property
    def labels(self) -> np.ndarray: ...

    def __len__(self) -> int: ...

    def take(self, positions: Any) -> np.ndarray: ...


@dataclass(frozen=True)
class ResizedExamples:
    """A split for a network of another input size; images are read and resized only when they are taken.

    Attributes:
        shape: (height, width, channels) of the network's input.
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
    """Images and labels as a run sees them; images are read from disk only when they are taken.

    Attributes:
        images: uint8 (M, H, W, C), in the network's input size; or features, float32 (M, features).
        rows: int64 (N,), the rows of ``images`` that belong to these examples.
        labels: int64 (N,).
        permutation: of the pixels, in the experiment with shuffled pixels; else None.
    """

    images: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    permutation: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, positions: Any) -> np.ndarray:
        """The images at ``positions``, uint8 (n, H, W, C), or their features, float32 (n, features)."""
        images = np.asarray(self.images[self.rows[positions]])
        return images if self.permutation is None else permute_pixels(images, self.permutation)


def training_examples(config: TrainConfig) -> Examples:
    """The run's training images and labels, limited to ``training_images`` and shuffled as the experiments ask."""
    split = catalog.load(config.dataset, "train")
    random = np.random.default_rng([config.seed, 1])
    positions = np.arange(len(split))
    if config.training_images is not None:
        positions = np.sort(random.permutation(len(split))[: config.training_images])
    labels = split.labels[positions]
    if config.shuffled_labels:
        labels = random.integers(0, len(catalog.info(config.dataset).class_names), len(labels))
    return _make_examples(config, split, positions, labels)


def held_out_examples(config: TrainConfig, split: str) -> Examples:
    """The whole "validation" or "test" split, with its pixels shuffled if the run shuffles them."""
    loaded = catalog.load(config.dataset, split)
    return _make_examples(config, loaded, np.arange(len(loaded)), loaded.labels)


def watched_positions(examples: LabelledExamples) -> np.ndarray:
    """Positions of the images shown during a run, spread over the classes: int64 (12,), fewer if there are fewer."""
    order = np.random.default_rng(12).permutation(len(examples))
    rank_in_class = np.zeros(len(order), np.int64)
    last_rank: dict[int, int] = {}
    for i, label in enumerate(examples.labels[order].tolist()):
        rank_in_class[i] = last_rank[label] = last_rank.get(label, -1) + 1
    return order[np.argsort(rank_in_class, kind="stable")][:WATCHED]


def steps_per_epoch(examples: LabelledExamples, batch_size: int) -> int:
    """Batches per epoch; the last one may be smaller."""
    return math.ceil(len(examples) / batch_size)


def training_batches(config: TrainConfig, examples: Examples, first_epoch: int) -> Any:
    """The ``shuffled_batches`` of a run from ``first_epoch`` (0-based) to its last epoch, mixed as ``config`` says.

    Labels are int64 (n,), or float32 (n, classes) where the run smooths or mixes them; smoothing is up to the loss.
    """
    epochs = range(first_epoch, config.epochs)
    images = shuffled_batches(examples, epochs, config.batch_size, config.seed, config.variation)
    if not config.label_fractions:
        return images
    fractions = images.map(_to_fractions(config))
    if not (config.mix_up or config.cut_mix):
        return fractions.prefetch(2)
    first_step = epochs.start * steps_per_epoch(examples, config.batch_size)
    mix = mixer(config.mix_up, config.cut_mix, config.seed)
    return fractions.enumerate(first_step).map(lambda step, batch: mix(batch[0], batch[1], step)).prefetch(2)


def validation_batches(config: TrainConfig, examples: Examples, size: int, class_weights: np.ndarray | None) -> Any:
    """``weighted_batches`` of a run's validation images; labels are fractions where those of training are."""
    images = weighted_batches(examples, size, class_weights)
    if not config.label_fractions:
        return images
    to_fractions = _to_fractions(config)
    return images.map(lambda images, labels, *weights: (*to_fractions(images, labels), *weights)).prefetch(2)


def shuffled_batches(
    examples: LabelledExamples, epochs: range, batch_size: int, seed: int, augmentation: Augmentation | None = None
) -> Any:
    """Batches of (images, labels) in another order each epoch, varied by ``augmentation``.

    A batch depends on its step number and the seed alone, so a run resumed after a crash sees the batches it would have
    seen without it.
    """
    import tensorflow as tf

    steps = steps_per_epoch(examples, batch_size)

    @functools.lru_cache(maxsize=2)
    def order(epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, 3, epoch]).permutation(len(examples))

    def positions(step: int) -> np.ndarray:
        epoch, step_in_epoch = divmod(step, steps)
        return order(epoch)[step_in_epoch * batch_size :][:batch_size]

    all_steps = tf.data.Dataset.range(epochs.start * steps, epochs.stop * steps).with_options(without_autotune())
    read = _batch_reader(examples, positions)
    if augmentation is None or not augmentation.any():
        return all_steps.map(read).prefetch(2)
    augment = augmenter(augmentation, seed)

    def read_and_augment(step: Any) -> Any:
        images, labels = read(step)
        return augment(images, step), labels

    return all_steps.map(read_and_augment).prefetch(2)


def batches(examples: LabelledExamples, size: int) -> Any:
    """Batches of (images, labels) in order, for evaluation."""
    import tensorflow as tf

    def positions(start: int) -> np.ndarray:
        return np.arange(start, min(start + size, len(examples)))

    starts = tf.data.Dataset.range(0, len(examples), size).with_options(without_autotune())
    return starts.map(_batch_reader(examples, positions)).prefetch(2)


def weighted_batches(examples: LabelledExamples, size: int, class_weights: np.ndarray | None) -> Any:
    """``batches`` of (images, labels, weights), each image with the weight of its class; unweighted if there are none.

    With them the loss on validation images is weighted as that on training images, so that the two can be compared.

    Args:
        class_weights: float64 (classes,), or None.
    """
    import tensorflow as tf

    if class_weights is None:
        return batches(examples, size)
    weights = tf.constant(class_weights, tf.float32)
    return batches(examples, size).map(lambda images, labels: (images, labels, tf.gather(weights, labels)))


def _batch_reader(examples: LabelledExamples, positions: Callable[[int], np.ndarray]) -> Callable[[Any], Any]:
    """A function for ``Dataset.map`` from a number n to the (images, labels) at ``positions(n)``.

    It reads from disk batch by batch: as one tensor, CIFAR-10 would be in memory twice.
    """
    import tensorflow as tf

    first = examples.take(np.array([0]))

    def take(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chosen = positions(int(number))
        return examples.take(chosen), examples.labels[chosen]

    def read(number: Any) -> Any:
        images, labels = tf.numpy_function(take, [number], (tf.as_dtype(first.dtype), tf.int64))
        return tf.ensure_shape(images, (None, *first.shape[1:])), tf.ensure_shape(labels, (None,))

    return read


def _to_fractions(config: TrainConfig) -> Callable[[Any, Any], tuple[Any, Any]]:
    """A function for ``Dataset.map`` that makes labels one-hot, float32 (n, classes)."""
    import tensorflow as tf

    classes = len(catalog.info(config.dataset).class_names)
    return lambda images, labels: (images, tf.one_hot(labels, classes))


def _make_examples(config: TrainConfig, split: Split, positions: np.ndarray, labels: np.ndarray) -> Examples:
    permutation = pixel_permutation(config.input_shape, config.seed) if config.shuffled_pixels else None
    return Examples(split.small, split.indices[positions], labels, permutation)
