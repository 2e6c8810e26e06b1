"""Random variations of training images: whole-image transformations that keep what is on the image."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnn.errors import ConfigError


@dataclass(frozen=True)
class Augmentation:
    """How much training images are varied; zero is not at all.

    Attributes:
        flip: mirror half of the images left to right.
        shift: at most this share of the side, in whole pixels, 0..0.5; what comes in from outside mirrors the edge.
        rotation: at most this many degrees either way, 0..180.
        zoom: at most this much larger or smaller, 0..0.9.
        cutout: side of a grey square put somewhere, as a share of the image's side, 0..0.9 (DeVries & Taylor, 2017).
    """

    flip: bool = False
    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    cutout: float = 0.0

    def __post_init__(self) -> None:
        for name, limit in (("shift", 0.5), ("rotation", 180), ("zoom", 0.9), ("cutout", 0.9)):
            value = getattr(self, name)
            if not 0 <= value <= limit:
                raise ConfigError(f"Augmentation: {name} is {value}; choose a number from 0 to {limit}.")

    def any(self) -> bool:
        """Whether it does anything."""
        return self != Augmentation()


PRESETS = {
    "none": Augmentation(),
    "light": Augmentation(flip=True, shift=0.125),
    "strong": Augmentation(flip=True, shift=0.125, rotation=15, zoom=0.15, cutout=0.25),
    "turned": Augmentation(shift=0.1, rotation=10, zoom=0.1),
}


def augmenter(settings: Augmentation, seed: int) -> Callable[[Any, Any], Any]:
    """A function that varies a batch, for use in a tf.data pipeline.

    Args:
        seed: with the number given at each call it decides every variation.

    Returns:
        (images uint8 tensor (N, H, W, C), number int64 scalar) -> uint8 tensor of the same shape.
    """
    import keras
    import tensorflow as tf

    layers = []
    if settings.rotation:
        layers.append(keras.layers.RandomRotation(settings.rotation / 360, fill_mode="reflect", seed=seed))
    if settings.zoom:
        layers.append(keras.layers.RandomZoom(settings.zoom, fill_mode="reflect", seed=seed + 1))

    def vary(images: Any, number: Any) -> Any:
        count, height, width, _ = tf.unstack(tf.shape(images))

        def draw(stream: int, low: Any, high: Any) -> Any:
            return tf.random.stateless_uniform([count], [seed * 16 + stream, number], low, high, tf.int32)

        def moved(images: Any, side: Any, axis: int, stream: int) -> Any:
            # A shift is a choice of rows (or columns): exact pixels, and far quicker than resampling.
            reach = tf.cast(settings.shift * tf.cast(side, tf.float32), tf.int32)
            source = tf.range(side)[None] + draw(stream, -reach, reach + 1)[:, None]
            source = tf.abs(source)
            source = side - 1 - tf.abs(side - 1 - source)
            return tf.gather(images, source, axis=axis, batch_dims=1)

        if settings.flip:
            flipped = tf.cast(draw(0, 0, 2), tf.bool)
            images = tf.where(flipped[:, None, None, None], images[:, :, ::-1], images)
        if settings.shift:
            images = moved(moved(images, height, 1, 1), width, 2, 2)
        if layers:
            varied = tf.cast(images, tf.float32)
            for layer in layers:
                varied = layer(varied, training=True)
            images = tf.cast(tf.clip_by_value(tf.round(varied), 0, 255), tf.uint8)
        if settings.cutout:
            hole_h, hole_w = (
                tf.cast(settings.cutout * tf.cast(side, tf.float32), tf.int32) for side in (height, width)
            )
            rows = tf.range(height)[None] - draw(3, -hole_h // 2, height - hole_h // 2)[:, None]
            columns = tf.range(width)[None] - draw(4, -hole_w // 2, width - hole_w // 2)[:, None]
            inside = ((rows >= 0) & (rows < hole_h))[:, :, None] & ((columns >= 0) & (columns < hole_w))[:, None, :]
            images = tf.where(inside[..., None], tf.constant(128, tf.uint8), images)
        return images

    return vary
