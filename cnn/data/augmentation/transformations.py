"""The steps of an augmentation on a batch: mirror, move, turn, recolour, cut. TensorFlow, for use in tf.data pipelines.

Each takes uint8 images (N, H, W, C) and gives the same kind; ``draw(stream, low, high, dtype)`` gives N random numbers,
the same for the same stream. A step whose settings are zero does nothing.
"""

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from cnn.data.augmentation.settings import FILLS, Augmentation

Draw = Callable[..., Any]
_LUMA = (0.299, 0.587, 0.114)  # ITU-R 601-2


def mirrored(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """Half of the images left to right, half of them upside down."""
    if settings.flip:
        images = tf.where(_half(draw(0, 0, 2)), images[:, :, ::-1], images)
    if settings.flip_vertical:
        images = tf.where(_half(draw(7, 0, 2)), images[:, ::-1], images)
    return images


def moved(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """Shifted by whole pixels: a choice of rows and columns, exact and far quicker than resampling."""
    if not settings.shift:
        return images
    for axis, stream in ((1, 1), (2, 2)):
        side = tf.shape(images)[axis]
        reach = tf.cast(settings.shift * tf.cast(side, tf.float32), tf.int32)
        # From one random number in 0..1, so that a larger limit moves the same image further, not elsewhere.
        places = tf.cast(2 * reach + 1, tf.float32)
        by = tf.cast(tf.floor(draw(stream, 0, 1, tf.float32) * places), tf.int32) - reach
        source = tf.range(side)[None] + by[:, None]
        inside = (source >= 0) & (source < side)
        if settings.fill == "wrap":
            source = source % side
        elif settings.fill == "mirror":
            source = side - 1 - tf.abs(side - 1 - tf.abs(source))
        images = tf.gather(images, tf.clip_by_value(source, 0, side - 1), axis=axis, batch_dims=1)
        if settings.fill == "black":
            seen = inside[:, :, None, None] if axis == 1 else inside[:, None, :, None]
            images = tf.where(seen, images, tf.constant(0, tf.uint8))
    return images


def turned(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """Rotated, sheared and zoomed about the middle, in one resampling."""
    if not (settings.rotation or settings.zoom or settings.shear):
        return images
    import keras

    height, width = tf.shape(images)[1], tf.shape(images)[2]
    angle = draw(5, -settings.rotation, settings.rotation, tf.float32) * (math.pi / 180)
    scale = draw(6, 1 - settings.zoom, 1 + settings.zoom, tf.float32)
    slant = tf.tan(draw(8, -settings.shear, settings.shear, tf.float32) * (math.pi / 180))
    cos, sin = scale * tf.cos(angle), scale * tf.sin(angle)
    # Where each pixel comes from: [[a, b], [c, d]] is the rotation times the shear [[1, slant], [0, 1]].
    a, b, c, d = cos, cos * slant - sin, sin, sin * slant + cos
    x, y = (tf.cast(side - 1, tf.float32) / 2 for side in (width, height))
    zero = tf.zeros_like(cos)
    rows = [a, b, x - a * x - b * y, c, d, y - c * x - d * y, zero, zero]
    resampled = keras.ops.image.affine_transform(
        tf.cast(images, tf.float32),
        tf.stack(rows, axis=1),
        fill_mode=FILLS[settings.fill],
        data_format="channels_last",
    )
    return _pixels(resampled)


def recoloured(images: Any, settings: Augmentation, draw: Draw, noise_seed: Any) -> Any:
    """Brighter or darker, more or less contrast and colour, and noise."""
    if not (settings.brightness or settings.contrast or settings.saturation or settings.noise):
        return images
    values = tf.cast(images, tf.float32)

    def share(stream: int, most: float) -> Any:
        return draw(stream, -most, most, tf.float32)[:, None, None, None]

    if settings.saturation and images.shape[-1] == 3:
        grey = tf.reduce_sum(values * _LUMA, axis=-1, keepdims=True)
        values = grey + (values - grey) * (1 + share(11, settings.saturation))
    if settings.contrast:
        mean = tf.reduce_mean(values, axis=(1, 2, 3), keepdims=True)
        values = mean + (values - mean) * (1 + share(10, settings.contrast))
    if settings.brightness:
        values += 255 * share(9, settings.brightness)
    if settings.noise:
        values += tf.random.stateless_normal(tf.shape(values), noise_seed, 0.0, 255 * settings.noise)
    return _pixels(values)


def cut(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """A grey square somewhere on each image."""
    if not settings.cutout:
        return images
    inside = []
    for axis, stream in ((1, 3), (2, 4)):
        side = tf.shape(images)[axis]
        hole = tf.cast(settings.cutout * tf.cast(side, tf.float32), tf.int32)
        place = tf.range(side)[None] - draw(stream, -(hole // 2), side - hole // 2)[:, None]
        inside.append((place >= 0) & (place < hole))
    square = inside[0][:, :, None] & inside[1][:, None, :]
    return tf.where(square[..., None], tf.constant(128, tf.uint8), images)


def _half(drawn: Any) -> Any:
    return tf.cast(drawn, tf.bool)[:, None, None, None]


def _pixels(values: Any) -> Any:
    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8)
