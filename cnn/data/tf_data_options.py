"""Options for all tf.data pipelines of this project."""

from typing import Any


def without_autotune() -> Any:
    """``tf.data.Options`` without autotuning.

    In TensorFlow 2.21 the autotuning thread can miss the signal that its iterator was deleted. The deletion then blocks
    until the thread's next wake-up: 10 ms at first, but the interval doubles up to a minute.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return options
