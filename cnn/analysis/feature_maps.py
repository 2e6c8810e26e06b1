"""What every layer makes of an image."""

from typing import TYPE_CHECKING

import numpy as np

from cnn.analysis.probe import probe

if TYPE_CHECKING:
    import keras


def map_layers(model: "keras.Model") -> list[str]:
    """The names of all convolution and pooling layers, in network order."""
    import keras

    convolutions = keras.layers.Conv2D | keras.layers.DepthwiseConv2D | keras.layers.SeparableConv2D
    kinds = convolutions | keras.layers.MaxPooling2D | keras.layers.AveragePooling2D
    return [layer.name for layer in model.layers if isinstance(layer, kinds)]


def feature_maps(model: "keras.Model", images: np.ndarray) -> dict[str, np.ndarray]:
    """Responses of every convolution and pooling layer, in network order.

    For many calls keep ``probe(model, map_layers(model))`` instead.

    Args:
        model: any functional model; it is not changed.
        images: uint8 (N, H, W, C), 0-255, of the model's input size.

    Returns:
        {layer name: float32 (N, h, w, num_filters)}, raw responses, not normalised.

    Raises:
        ImageShapeError: the images do not fit the model's input.

    Source: Zeiler & Fergus (2014), arXiv:1311.2901.
    """
    layers = map_layers(model)
    return probe(model, layers)(images) if layers else {}
