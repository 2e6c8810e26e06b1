"""What every layer makes of an image."""

from typing import TYPE_CHECKING

import numpy as np

from cnn.errors import ImageShapeError

if TYPE_CHECKING:
    import keras


def feature_maps(model: "keras.Model", images: np.ndarray) -> dict[str, np.ndarray]:
    """Responses of every convolution and pooling layer, in network order.

    Args:
        model: any functional model; it is not changed.
        images: uint8 (N, H, W, C), 0-255, of the model's input size.

    Returns:
        {layer name: float32 (N, h, w, num_filters)}, raw responses, not normalised.

    Raises:
        ImageShapeError: the images do not fit the model's input.

    Source: Zeiler & Fergus (2014), arXiv:1311.2901.
    """
    import keras

    shape = tuple(model.input_shape[1:])
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != shape:
        raise ImageShapeError(
            f"This network takes uint8 images of shape (N, {', '.join(map(str, shape))}); it got {images.dtype} of "
            f"shape {images.shape}. Resize them first and leave their values at 0-255."
        )
    convolutions = keras.layers.Conv2D | keras.layers.DepthwiseConv2D | keras.layers.SeparableConv2D
    kinds = convolutions | keras.layers.MaxPooling2D | keras.layers.AveragePooling2D
    outputs = {layer.name: layer.output for layer in model.layers if isinstance(layer, kinds)}
    if not outputs:
        return {}
    responses = keras.Model(model.inputs, outputs)([images], training=False)
    return {name: np.asarray(responses[name], np.float32) for name in outputs}
