"""How tf.data runs the pipelines of this project."""

from typing import Any


def without_autotune() -> Any:
    """``tf.data.Options`` without the thread that tunes a pipeline while it runs.

    In TensorFlow 2.21 that thread can miss the signal that its iterator is gone, and whoever drops the iterator then
    waits until the thread wakes by itself: after 10 ms at first, but it doubles up to a minute.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return options
