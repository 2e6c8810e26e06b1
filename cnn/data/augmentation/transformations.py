"""The steps of an augmentation on a batch, in TensorFlow for use in tf.data pipelines.

Each takes and returns uint8 images (N, H, W, C). ``draw(stream, low, high, dtype)`` returns N random numbers, the same
ones for the same stream. A step whose settings are zero returns its input.
"""

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from cnn.data.augmentation.settings import FILLS, Augmentation

Draw = Callable[..., Any]
_LUMA = (0.299, 0.587, 0.114)  # ITU-R 601-2


def mirror(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """Mirror half of the images horizontally, and half of them vertically."""
    if settings.flip:
        images = tf.where(_as_mask(draw(0, 0, 2)), images[:, :, ::-1], images)
    if settings.flip_vertical:
        images = tf.where(_as_mask(draw(7, 0, 2)), images[:, ::-1], images)
    return images


def shift(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """Shift by whole pixels: gathering rows and columns is exact and far faster than resampling."""
    if not settings.shift:
        return images
    for axis, stream in ((1, 1), (2, 2)):
        side = tf.shape(images)[axis]
        max_shift = tf.cast(settings.shift * tf.cast(side, tf.float32), tf.int32)
        # Scaled from a number in 0..1, so that a larger limit moves the same image further in the same direction.
        choices = tf.cast(2 * max_shift + 1, tf.float32)
        offset = tf.cast(tf.floor(draw(stream, 0, 1, tf.float32) * choices), tf.int32) - max_shift
        source = tf.range(side)[None] + offset[:, None]
        inside = (source >= 0) & (source < side)
        if settings.fill == "wrap":
            source = source % side
        elif settings.fill == "mirror":
            source = side - 1 - tf.abs(side - 1 - tf.abs(source))
        images = tf.gather(images, tf.clip_by_value(source, 0, side - 1), axis=axis, batch_dims=1)
        if settings.fill == "black":
            mask = inside[:, :, None, None] if axis == 1 else inside[:, None, :, None]
            images = tf.where(mask, images, tf.constant(0, tf.uint8))
    return images


def rotate_shear_zoom(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """Apply one affine transformation about the centre, resampling only once."""
    if not (settings.rotation or settings.zoom or settings.shear):
        return images
    import keras

    height, width = tf.shape(images)[1], tf.shape(images)[2]
    angle = draw(5, -settings.rotation, settings.rotation, tf.float32) * (math.pi / 180)
    scale_x = draw(6, 1 - settings.zoom, 1 + settings.zoom, tf.float32)
    scale_y = draw(13, 1 - settings.zoom, 1 + settings.zoom, tf.float32) if settings.stretch else scale_x
    slant = tf.tan(draw(8, -settings.shear, settings.shear, tf.float32) * (math.pi / 180))
    cos, sin = tf.cos(angle), tf.sin(angle)
    # Maps output to input pixels: [[a, b], [c, d]] is rotation times shear [[1, slant], [0, 1]] times zoom.
    a, b = cos * scale_x, (cos * slant - sin) * scale_y
    c, d = sin * scale_x, (sin * slant + cos) * scale_y
    x, y = (tf.cast(side - 1, tf.float32) / 2 for side in (width, height))
    zero = tf.zeros_like(a)
    rows = [a, b, x - a * x - b * y, c, d, y - c * x - d * y, zero, zero]
    resampled = keras.ops.image.affine_transform(
        tf.cast(images, tf.float32),
        tf.stack(rows, axis=1),
        fill_mode=FILLS[settings.fill],
        data_format="channels_last",
    )
    return _to_uint8(resampled)


def recolour(images: Any, settings: Augmentation, draw: Draw, noise_seed: Any) -> Any:
    """Change saturation, contrast and brightness, and add noise."""
    if not (settings.brightness or settings.contrast or settings.saturation or settings.noise):
        return images
    values = tf.cast(images, tf.float32)

    def random_change(stream: int, limit: float) -> Any:
        return draw(stream, -limit, limit, tf.float32)[:, None, None, None]

    if settings.saturation and images.shape[-1] == 3:
        grey = tf.reduce_sum(values * _LUMA, axis=-1, keepdims=True)
        values = grey + (values - grey) * (1 + random_change(11, settings.saturation))
    if settings.contrast:
        mean = tf.reduce_mean(values, axis=(1, 2, 3), keepdims=True)
        values = mean + (values - mean) * (1 + random_change(10, settings.contrast))
    if settings.brightness:
        values += 255 * random_change(9, settings.brightness)
    if settings.noise:
        values += tf.random.stateless_normal(tf.shape(values), noise_seed, 0.0, 255 * settings.noise)
    return _to_uint8(values)


def cut_out(images: Any, settings: Augmentation, draw: Draw) -> Any:
    """Put a grey square at a random position on each image."""
    if not settings.cutout:
        return images
    inside = []
    for axis, stream in ((1, 3), (2, 4)):
        side = tf.shape(images)[axis]
        length = tf.cast(settings.cutout * tf.cast(side, tf.float32), tf.int32)
        position = tf.range(side)[None] - draw(stream, -(length // 2), side - length // 2)[:, None]
        inside.append((position >= 0) & (position < length))
    square = inside[0][:, :, None] & inside[1][:, None, :]
    return tf.where(square[..., None], tf.constant(128, tf.uint8), images)


def _as_mask(drawn: Any) -> Any:
    return tf.cast(drawn, tf.bool)[:, None, None, None]


def _to_uint8(values: Any) -> Any:
    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8)
