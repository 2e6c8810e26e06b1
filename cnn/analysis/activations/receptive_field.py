"""The pixels that an activation depends on, and the weights of the units that see the image directly."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.analysis.activations.number_origin import input_layers
from cnn.analysis.convolution.window import same_padding
from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras

Span = tuple[int, int]
"""First and last index, both inclusive."""


def receptive_field(model: "keras.Model", layer: str, row: int, column: int) -> tuple[slice, slice]:
    """The receptive field of one activation: the rows and columns of the image that it depends on.

    Args:
        row, column: position in the layer's maps; ignored where the layer has none.

    Returns:
        Slices of rows and columns, clipped at the edges; the whole image after Flatten, Dense or global pooling.

    Raises:
        ModelError: no such layer.

    Source: Araujo, Norris & Sim (2019), "Computing receptive fields of convolutional neural networks", Distill.
    """
    height, width = model.input_shape[1:3]
    layers = {keras_layer.name: keras_layer for keras_layer in model.layers}
    if layer not in layers:
        raise ModelError(f"This network has no layer called “{layer[:40]}”.")
    whole_image = slice(0, height), slice(0, width)
    if len(layers[layer].output.shape) != 4:
        return whole_image
    spans: dict[str, tuple[Span, Span]] = {layer: ((row, row), (column, column))}
    # Backwards through the network; where branches meet, the field covers what any of them sees.
    for current in reversed(model.layers):
        if current.name not in spans:
            continue
        for name in input_layers(current):
            shape = layers[name].output.shape
            if len(shape) != 4:
                return whole_image
            rows, columns = (_input_span(current, axis, shape[1 + axis], spans[current.name][axis]) for axis in (0, 1))
            old_rows, old_columns = spans.get(name, (rows, columns))
            spans[name] = _union(old_rows, rows), _union(old_columns, columns)
    rows, columns = spans[model.layers[0].name]
    return slice(rows[0], rows[1] + 1), slice(columns[0], columns[1] + 1)


def first_weights(model: "keras.Model") -> np.ndarray:
    """The weights of the first layer's units, in the shape of the pixels they apply to.

    Returns:
        float32 (units, h, w, C): the filters of a convolution, or weights the size of the image in a dense network.

    Raises:
        ModelError: no layer applies weights to the image.
    """
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Conv2D":
            return np.asarray(layer.kernel).transpose(3, 0, 1, 2)
        if kind == "Dense" and layer.kernel.shape[0] == math.prod(model.input_shape[1:]):
            return np.asarray(layer.kernel).T.reshape(-1, *model.input_shape[1:])
    raise ModelError("No layer of this network looks at the image itself with weights; choose another network.")


def _union(first: Span, second: Span) -> Span:
    return min(first[0], second[0]), max(first[1], second[1])


def _input_span(layer: Any, axis: int, side: int, span: Span) -> Span:
    """The rows or columns, of ``side`` in the layer's input, that the ``span`` of its output depends on."""
    first, last = span
    if type(layer).__name__ == "ZeroPadding2D":
        before = layer.padding[axis][0]
        return max(0, first - before), min(side - 1, last - before)
    size = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if size is None:
        return span
    stride, dilation = layer.strides[axis], getattr(layer, "dilation_rate", (1, 1))[axis]
    extent = (size[axis] - 1) * dilation + 1
    before = same_padding(side, extent, stride) // 2 if layer.padding == "same" else 0
    return max(0, first * stride - before), min(side - 1, last * stride - before + extent - 1)
