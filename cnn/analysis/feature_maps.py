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

    if images.shape[1:] != tuple(model.input_shape[1:]):
        raise ImageShapeError(
            f"This network takes images of {' x '.join(map(str, model.input_shape[1:]))}; it got "
            f"{' x '.join(map(str, images.shape[1:]))}. Resize them first."
        )
    kinds = keras.layers.Conv2D | keras.layers.MaxPooling2D | keras.layers.AveragePooling2D
    layers = [layer for layer in model.layers if isinstance(layer, kinds)]
    probe = keras.Model(model.inputs, [layer.output for layer in layers])
    responses = probe(images, training=False)
    responses = responses if isinstance(responses, list | tuple) else [responses]
    return {layer.name: np.asarray(response, np.float32) for layer, response in zip(layers, responses, strict=True)}
