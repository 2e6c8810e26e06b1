"""Applying an augmentation: to batches in a training pipeline, and to single images for display."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnn.data.augmentation.keras_layers import at_step, to_uint8
from cnn.data.augmentation.settings import Augmentation

BATCH_OF_RAND_AUGMENT = 6  # images; only where variants are shown


def augmenter(settings: Augmentation, seed: int) -> Callable[[Any, Any], Any]:
    """A function that augments a batch, for use in a tf.data pipeline.

    Args:
        seed: together with the batch number it determines every random draw.

    Returns:
        (images uint8 tensor (N, H, W, C), batch_number int64 scalar) -> uint8 tensor of the same shape.
    """
    import tensorflow as tf

    from cnn.data.augmentation import transformations

    # Made here: its seed generators are variables, which tf.data cannot make while it traces.
    rand_augment = _rand_augment(settings.rand_augment, seed) if settings.rand_augment else None

    def augment(images: Any, batch_number: Any) -> Any:
        count = tf.shape(images)[0]

        def draw(stream: int, low: Any, high: Any, dtype: Any = tf.int32) -> Any:
            # Stateless: Keras' own random layers count their calls, and a crash would lose that count.
            return tf.random.stateless_uniform([count], [seed * 16 + stream, batch_number], low, high, dtype)

        images = transformations.mirror(images, settings, draw)
        images = transformations.shift(images, settings, draw)
        images = transformations.rotate_shear_zoom(images, settings, draw)
        images = transformations.recolour(images, settings, draw, [seed * 16 + 12, batch_number])
        if rand_augment:
            images = to_uint8(at_step(rand_augment, batch_number)(images))
        return transformations.cut_out(images, settings, draw)

    return augment


def _rand_augment(strength: float, seed: int) -> Any:
    import keras

    return keras.layers.RandAugment(factor=strength, seed=seed * 16 + 12)


def augment_images(images: np.ndarray, settings: Augmentation, seed: int) -> np.ndarray:
    """Augment each image once, with exactly the steps that training uses.

    Args:
        images: uint8 (N, H, W, C); repeat an image to get several variants of it.
        seed: the same seed gives the same variants.

    Returns:
        uint8 (N, H, W, C).
    """
    import tensorflow as tf

    augment = augmenter(settings, seed)
    # RandAugment draws its two changes for a whole batch, so several small batches show more of them.
    size = BATCH_OF_RAND_AUGMENT if settings.rand_augment else max(1, len(images))
    batches = [images[start : start + size] for start in range(0, len(images), size)]
    return np.concatenate(
        [np.asarray(augment(tf.constant(part), tf.constant(number, tf.int64))) for number, part in enumerate(batches)]
    )
