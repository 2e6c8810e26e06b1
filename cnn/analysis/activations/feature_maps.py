"""What every layer makes of an image."""

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
    """Layers of a deep network in groups that a person can choose from, in network order.

    Where names tell of blocks, as those of MobileNetV2 do (``block_3_expand``), these; elsewhere layers in a row whose
    maps have one size, as "32 × 32".

    Args:
        layers: names of layers of ``model`` with output (N, h, w, filters), in network order.

    Returns:
        {block: its layers}; a size that comes twice has a number behind it the second time.
    """
    named = {name: match[1] if (match := re.match(r"(block_\d+|expanded_conv)_", name)) else None for name in layers}
    if any(named.values()):
        first = next(place for place, name in enumerate(layers) if named[name])
        ends = {name: "stem" if place < first else "last layers" for place, name in enumerate(layers)}
        title = {name: named[name] or ends[name] for name in layers}
    else:
        sizes = {name: model.get_layer(name).output.shape[1:3] for name in layers}
        title = {name: " × ".join(map(str, sizes[name])) for name in layers}
    found: dict[str, list[str]] = {}
    for block, members in groupby(layers, title.__getitem__):
        times = sum(key == block or key.startswith(f"{block} (") for key in found)
        found[f"{block} ({times + 1})" if times else block] = list(members)
    return found


def last_volume(model: "keras.Model") -> str | None:
    """The layer whose maps are the feature volume, what the convolutional base hands on; None without any maps."""
    names = [layer.name for layer in model.layers[2:] if len(layer.output.shape) == 4]
    return names[-1] if names else None


def feature_maps(model: "keras.Model", images: np.ndarray) -> dict[str, np.ndarray]:
    """Responses of every convolution and pooling layer, in network order.

    For many calls keep ``layer_outputs(model, map_layers(model))`` instead.

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
    return layer_outputs(model, layers)(images) if layers else {}
