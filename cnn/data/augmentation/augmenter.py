"""Applying an augmentation: to batches in a training pipeline, and to single images for display."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnn.data.augmentation.settings import Augmentation


def augmenter(settings: Augmentation, seed: int) -> Callable[[Any, Any], Any]:
    """A function that augments a batch, for use in a tf.data pipeline.

    Args:
        seed: together with the batch number it determines every random draw.

    Returns:
        (images uint8 tensor (N, H, W, C), batch_number int64 scalar) -> uint8 tensor of the same shape.
    """
    import tensorflow as tf

    from cnn.data.augmentation import transformations

    def augment(images: Any, batch_number: Any) -> Any:
        count = tf.shape(images)[0]

        def draw(stream: int, low: Any, high: Any, dtype: Any = tf.int32) -> Any:
            # Stateless: Keras' own random layers count their calls, and a crash would lose that count.
            return tf.random.stateless_uniform([count], [seed * 16 + stream, batch_number], low, high, dtype)

        images = transformations.mirror(images, settings, draw)
        images = transformations.shift(images, settings, draw)
        images = transformations.rotate_shear_zoom(images, settings, draw)
        images = transformations.recolour(images, settings, draw, [seed * 16 + 12, batch_number])
        return transformations.cut_out(images, settings, draw)

    return augment


def augment_images(images: np.ndarray, settings: Augmentation, seed: int) -> np.ndarray:
    """Augment each image once, with exactly the steps that training uses.

    Args:
        images: uint8 (N, H, W, C); repeat an image to get several variants of it.
        seed: the same seed gives the same variants.

    Returns:
        uint8 (N, H, W, C).
    """
    import tensorflow as tf

    return np.asarray(augmenter(settings, seed)(tf.constant(images), tf.constant(0, tf.int64)))
