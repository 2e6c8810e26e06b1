"""An augmentation at work: on a batch in a training pipeline, and on images to look at."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnn.data.augmentation.settings import Augmentation


def augmenter(settings: Augmentation, seed: int) -> Callable[[Any, Any], Any]:
    """A function that varies a batch, for use in a tf.data pipeline.

    Args:
        seed: with the number given at each call it decides every variation.

    Returns:
        (images uint8 tensor (N, H, W, C), number int64 scalar) -> uint8 tensor of the same shape.
    """
    import tensorflow as tf

    from cnn.data.augmentation import transformations

    def vary(images: Any, number: Any) -> Any:
        count = tf.shape(images)[0]

        def draw(stream: int, low: Any, high: Any, dtype: Any = tf.int32) -> Any:
            # Stateless: Keras' own random layers count their calls, and a crash would lose that count.
            return tf.random.stateless_uniform([count], [seed * 16 + stream, number], low, high, dtype)

        images = transformations.mirrored(images, settings, draw)
        images = transformations.moved(images, settings, draw)
        images = transformations.turned(images, settings, draw)
        images = transformations.recoloured(images, settings, draw, [seed * 16 + 12, number])
        return transformations.cut(images, settings, draw)

    return vary


def augment_images(images: np.ndarray, settings: Augmentation, seed: int) -> np.ndarray:
    """Each image varied once, by the very steps that training uses.

    Args:
        images: uint8 (N, H, W, C); give one image several times for several variants of it.
        seed: the same seed gives the same variants.

    Returns:
        uint8 (N, H, W, C).
    """
    import tensorflow as tf

    return np.asarray(augmenter(settings, seed)(tf.constant(images), tf.constant(0, tf.int64)))
