"""Keras' own augmentation layers in a pipeline whose batches depend on seed and step alone."""

from typing import Any

# More than any layer draws in one call: RandAugment draws about twenty times.
_DRAWS_PER_STEP = 64


def at_step(layer: Any, step: Any) -> Any:
    """``layer`` with its random numbers set to those of ``step``; for one call.

    A layer counts its calls to draw other numbers each time, and a run that resumes would start that count again.

    Args:
        layer: a Keras layer with a ``seed`` and a seed generator called ``generator``.
        step: int64 scalar tensor.
    """
    import tensorflow as tf

    layer.generator.state.assign(tf.stack([tf.constant(layer.seed, tf.int64), step * _DRAWS_PER_STEP]))
    return layer


def to_uint8(values: Any) -> Any:
    """Round a tensor of pixels in 0..255 to uint8."""
    import tensorflow as tf

    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8)
