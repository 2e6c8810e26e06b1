"""Random variations of training images: whole-image transformations that keep what is on the image."""

import math
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
        zoom: 0..0.9; the part of the image that is shown has sides of 1 - zoom to 1 + zoom.
        cutout: side of a grey square put somewhere, as a share of the image's side, 0..0.9; it may hang over the edge
            (DeVries & Taylor, 2017).
    """

    flip: bool = False
    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    cutout: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.flip, bool):
            raise ConfigError(f"Augmentation: flip is {self.flip}; choose yes (true) or no (false).")
        for name, limit in (("shift", 0.5), ("rotation", 180), ("zoom", 0.9), ("cutout", 0.9)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value <= limit:
                raise ConfigError(f"Augmentation: {name} is {value}; choose a number from 0 to {limit}.")

    def any(self) -> bool:
        """Whether it does anything."""
        return self != Augmentation()


PRESETS = {
    "none": Augmentation(),
    "light": Augmentation(flip=True, shift=0.125),
    "cutout": Augmentation(flip=True, shift=0.125, cutout=0.25),
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

    def vary(images: Any, number: Any) -> Any:
        count, height, width, _ = tf.unstack(tf.shape(images))

        def draw(stream: int, low: Any, high: Any, dtype: Any = tf.int32) -> Any:
            # Stateless: Keras' own random layers count their calls, and a crash would lose that count.
            return tf.random.stateless_uniform([count], [seed * 16 + stream, number], low, high, dtype)

        def share(of: float, side: Any) -> Any:
            return tf.cast(of * tf.cast(side, tf.float32), tf.int32)

        def moved(images: Any, side: Any, axis: int, stream: int) -> Any:
            # A shift is a choice of rows (or columns): exact pixels, and far quicker than resampling.
            reach = share(settings.shift, side)
            source = tf.abs(tf.range(side)[None] + draw(stream, -reach, reach + 1)[:, None])
            source = side - 1 - tf.abs(side - 1 - source)
            return tf.gather(images, source, axis=axis, batch_dims=1)

        def turned(images: Any) -> Any:
            # Where each pixel comes from: turned and scaled about the middle.
            angle = draw(5, -settings.rotation, settings.rotation, tf.float32) * (math.pi / 180)
            scale = draw(6, 1 - settings.zoom, 1 + settings.zoom, tf.float32)
            cos, sin = scale * tf.cos(angle), scale * tf.sin(angle)
            x, y = (tf.cast(side - 1, tf.float32) / 2 for side in (width, height))
            zero = tf.zeros_like(cos)
            rows = [cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, zero, zero]
            resampled = keras.ops.image.affine_transform(
                tf.cast(images, tf.float32), tf.stack(rows, axis=1), fill_mode="reflect", data_format="channels_last"
            )
            return tf.cast(tf.clip_by_value(tf.round(resampled), 0, 255), tf.uint8)

        def cut(images: Any) -> Any:
            inside = []
            for side, stream in ((height, 3), (width, 4)):
                hole = share(settings.cutout, side)
                place = tf.range(side)[None] - draw(stream, -(hole // 2), side - hole // 2)[:, None]
                inside.append((place >= 0) & (place < hole))
            square = inside[0][:, :, None] & inside[1][:, None, :]
            return tf.where(square[..., None], tf.constant(128, tf.uint8), images)

        if settings.flip:
            images = tf.where(tf.cast(draw(0, 0, 2), tf.bool)[:, None, None, None], images[:, :, ::-1], images)
        if settings.shift:
            images = moved(moved(images, height, 1, 1), width, 2, 2)
        if settings.rotation or settings.zoom:
            images = turned(images)
        return cut(images) if settings.cutout else images

    return vary
