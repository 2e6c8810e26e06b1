"""Feature maps of the convolution and pooling layers, and which layers have any."""

import re
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from cnn.analysis.activations.layer_outputs import layer_outputs

if TYPE_CHECKING:
    import keras


def map_layers(model: "keras.Model") -> list[str]:
    """The names of all convolution and pooling layers, in network order."""
    import keras

    convolutions = keras.layers.Conv2D | keras.layers.DepthwiseConv2D | keras.layers.SeparableConv2D
    kinds = convolutions | keras.layers.MaxPooling2D | keras.layers.AveragePooling2D
    return [layer.name for layer in model.layers if isinstance(layer, kinds)]


def blocks(model: "keras.Model", layers: list[str]) -> dict[str, list[str]]:
    """Group the layers of a deep network into blocks that a person can choose from, in network order.

    Blocks come from the layer names where they contain them, as in MobileNetV2 (``block_3_expand``); otherwise
    consecutive layers with maps of the same size form a block, named like "32 × 32".

    Args:
        layers: names of layers of ``model`` with output (N, h, w, filters), in network order.

    Returns:
        {block: its layers}; where a size occurs again, its name gets a number, as in "32 × 32 (2)".
    """
    block_of = {name: match[1] if (match := re.match(r"(block_\d+|expanded_conv)_", name)) else None for name in layers}
    if any(block_of.values()):
        first = next(index for index, name in enumerate(layers) if block_of[name])
        outside = {name: "stem" if index < first else "last layers" for index, name in enumerate(layers)}
        title = {name: block_of[name] or outside[name] for name in layers}
    else:
        sizes = {name: model.get_layer(name).output.shape[1:3] for name in layers}
        title = {name: " × ".join(map(str, sizes[name])) for name in layers}
    groups: dict[str, list[str]] = {}
    for block, members in groupby(layers, title.__getitem__):
        earlier = sum(key == block or key.startswith(f"{block} (") for key in groups)
        groups[f"{block} ({earlier + 1})" if earlier else block] = list(members)
    return groups


def last_volume(model: "keras.Model") -> str | None:
    """The layer that outputs the feature volume, the last one with maps; None in a network without maps."""
    names = [layer.name for layer in model.layers[2:] if len(layer.output.shape) == 4]
    return names[-1] if names else None


def feature_maps(model: "keras.Model", images: np.ndarray) -> dict[str, np.ndarray]:
    """The feature maps of every convolution and pooling layer, in network order.

    For repeated calls, keep ``layer_outputs(model, map_layers(model))`` instead.

    Args:
        model: any functional model; it is not modified.
        images: uint8 (N, H, W, C), 0-255, of the model's input size.

    Returns:
        {layer name: float32 (N, h, w, num_filters)}, raw activations, not normalised.

    Raises:
        ImageShapeError: the images do not match the model's input.

    Source: Zeiler & Fergus (2014), arXiv:1311.2901.
    """
    layers = map_layers(model)
    return layer_outputs(model, layers)(images) if layers else {}
