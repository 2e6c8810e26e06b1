"""The pixels that an activation depends on, where it stands among them, and the weights that see the image directly."""

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

Borders = tuple[np.ndarray, np.ndarray]
"""Of rows and of columns, see ``cell_borders``."""


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
    spans = _spans_in_image(model, layer, ((row, row), (column, column)), with_padding=False)
    if spans is None:
        return slice(0, model.input_shape[1]), slice(0, model.input_shape[2])
    return slice(spans[0][0], spans[0][1] + 1), slice(spans[1][0], spans[1][1] + 1)


def cell_borders(model: "keras.Model", layer: str) -> Borders:
    """Where the numbers of a layer's maps stand in the image: each in the middle of its receptive field.

    A number's cell is as large as the distance between neighbouring fields, the jump, so that cells touch. Fields count
    with the padding that they reach into: otherwise those at the edges would be squeezed.

    Returns:
        Borders of the cells from top to bottom, float64 (h + 1,), and from left to right, (w + 1,), as fractions of the
        image's height and width. They lie inside 0..1 where the layer looks without padding, and may lie outside of it
        with padding. Numbers that see the whole image wherever they are share it evenly.

    Raises:
        ModelError: no such layer, or it has no maps.

    Source: as for ``receptive_field``.
    """
    first_spans, second_spans = (
        _spans_in_image(model, layer, ((index, index), (index, index)), with_padding=True) for index in (0, 1)
    )
    shape = model.get_layer(layer).output.shape[1:3]
    if len(model.get_layer(layer).output.shape) != 4:
        raise ModelError(f"The layer {layer} has no maps, so its numbers have no place in the image.")
    if first_spans is None or second_spans is None:
        return np.linspace(0, 1, shape[0] + 1), np.linspace(0, 1, shape[1] + 1)
    rows, columns = (
        ((first[0] + first[1] + 1) / 2 + (second[0] - first[0]) * (np.arange(count + 1) - 0.5)) / side
        for first, second, count, side in zip(first_spans, second_spans, shape, model.input_shape[1:3], strict=True)
    )
    return rows, columns


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


def _spans_in_image(
    model: "keras.Model", layer: str, spans_in_layer: tuple[Span, Span], *, with_padding: bool
) -> tuple[Span, Span] | None:
    """The rows and columns of the image that those of a layer's maps depend on; None for all, wherever they are.

    Args:
        with_padding: go on into the padding, at every layer, instead of stopping at the edge of its input.
    """
    layers = {keras_layer.name: keras_layer for keras_layer in model.layers}
    if layer not in layers:
        raise ModelError(f"This network has no layer called “{layer[:40]}”.")
    spans: dict[str, tuple[Span, Span]] = {}
    if len(layers[layer].output.shape) == 4:
        spans[layer] = spans_in_layer
    # Backwards through the network; where branches meet, the field covers what any of them sees.
    for current in reversed(model.layers):
        if current.name not in spans:
            continue
        for name in input_layers(current):
            shape = layers[name].output.shape
            if len(shape) != 4 or type(current).__name__.startswith(("Global", "Reshape")):
                if with_padding:  # a branch that sees everything does not say where a number stands
                    continue
                return None
            rows, columns = (_input_span(current, axis, shape[1 + axis], spans[current.name][axis]) for axis in (0, 1))
            if not with_padding:
                rows, columns = _clipped(rows, shape[1]), _clipped(columns, shape[2])
            old_rows, old_columns = spans.get(name, (rows, columns))
            spans[name] = _union(old_rows, rows), _union(old_columns, columns)
    return spans.get(model.layers[0].name)


def _union(first: Span, second: Span) -> Span:
    return min(first[0], second[0]), max(first[1], second[1])


def _clipped(span: Span, side: int) -> Span:
    return max(0, span[0]), min(side - 1, span[1])


def _input_span(layer: Any, axis: int, side: int, span: Span) -> Span:
    """The rows or columns that the ``span`` of a layer's output depends on; beyond 0 .. ``side`` - 1 is padding."""
    first, last = span
    if type(layer).__name__ == "ZeroPadding2D":
        before = layer.padding[axis][0]
        return first - before, last - before
    if type(layer).__name__ == "Cropping2D":
        before = layer.cropping[axis][0]
        return first + before, last + before
    size = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if size is None:
        return span
    stride, dilation = layer.strides[axis], getattr(layer, "dilation_rate", (1, 1))[axis]
    extent = (size[axis] - 1) * dilation + 1
    before = same_padding(side, extent, stride) // 2 if layer.padding == "same" else 0
    return first * stride - before, last * stride - before + extent - 1
