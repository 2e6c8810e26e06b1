"""What an attribution explains: the score of a class, its logit, and how it depends on an image's pixels.

With a single logit for two classes, the score of the second class is the logit and that of the first its negative.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras

Rescale = Callable[[Any], Any]
"""Pixels (N, H, W, C), 0-255 -> float32 (N, H, W, C), as the network's first layer with weights gets them."""
Score = Callable[[Any, Any], Any]
"""(rescaled images, class index) -> scores, float32 (N,)."""

_PIXELS_AT_ONCE = 65_536
# Of MobileNetV2 at 160 pixels a side 256 gradients take about ten seconds on two cores.
_PIXELS_IN_ALL, _MOST_GRADIENTS = 256 * 160 * 160, 2_048


def check_arguments(model: "keras.Model", images: np.ndarray, class_index: int) -> None:
    """Check what an attribution is asked to explain.

    Raises:
        ModelError: the images are not uint8 (N, H, W, C) of the model's input size, or there is no such class.
    """
    shape = tuple(model.input_shape[1:])
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != shape:
        raise ModelError(
            f"This network takes uint8 images of shape (N, {', '.join(map(str, shape))}); it got {images.dtype} of "
            f"shape {images.shape}. Resize them first."
        )
    classes = max(2, model.outputs[0].shape[-1])
    if not 0 <= class_index < classes:
        raise ModelError(f"This network has {classes} classes, numbered from 0; there is no class {class_index}.")


def class_score(logits: Any, class_index: Any) -> Any:
    """Logits (N, classes), or (N, 1) for two classes -> the scores of a class, float32 (N,)."""
    import tensorflow as tf

    logits = tf.cast(logits, tf.float32)
    if logits.shape[-1] == 1:
        return tf.where(tf.equal(class_index, 1), logits[:, 0], -logits[:, 0])
    return tf.reduce_sum(logits * tf.one_hot(class_index, logits.shape[-1]), axis=1)


def score_function(model: "keras.Model") -> tuple[Rescale, Score]:
    """The two halves of a network: its rescaling, and from there to a class's score.

    No gradient passes through integers, so gradients are taken with respect to the rescaled image.
    """
    import keras
    import tensorflow as tf

    rescaling = next(layer for layer in model.layers if isinstance(layer, keras.layers.Rescaling))
    # Not ``model.output``: of a model that training saved, that is a list of one tensor.
    inner = keras.Model(rescaling.output, model.outputs[0])

    def rescale(images: Any) -> Any:
        return tf.cast(rescaling(tf.cast(images, tf.float32)), tf.float32)

    return rescale, lambda x, class_index: class_score(inner(x, training=False), class_index)


def input_gradient(score: Score, x: Any, class_index: Any) -> tuple[Any, Any]:
    """The gradient of the scores with respect to ``x``, of its shape, and the scores (N,)."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        value = score(x, class_index)
    return tape.gradient(value, x), value


def gradients_at_once(model: "keras.Model") -> int:
    """For how many variants of an image to compute the gradients in one call: 64 of 32 pixels a side, 2 of 160."""
    _, height, width, _ = model.input_shape
    return int(np.clip(_PIXELS_AT_ONCE // (height * width), 1, 64))


def most_gradients(model: "keras.Model") -> int:
    """How many gradients to compute at most for one image: 2,048 of 32 pixels a side, 256 of 160."""
    _, height, width, _ = model.input_shape
    return int(min(_MOST_GRADIENTS, _PIXELS_IN_ALL // (height * width)))
