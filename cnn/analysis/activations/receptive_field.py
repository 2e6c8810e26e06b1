"""Which pixels one number of a layer depends on, and with which weights: what a unit can see."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.analysis.activations.number_origin import input_layers
from cnn.analysis.convolution.window import same_padding
from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras

Span = tuple[int, int]
"""First and last, both counted."""


def receptive_field(model: "keras.Model", layer: str, row: int, column: int) -> tuple[slice, slice]:
    """The rows and columns of the image that one number of a layer's output depends on: its receptive field.

    Args:
        row, column: of the number in that layer's maps; of no importance where the layer has none.

    Returns:
        Slices of rows and of columns, cut at the edges; the whole image behind Flatten, Dense or global pooling.

    Raises:
        ModelError: no such layer.

    Source: Araujo, Norris & Sim (2019), "Computing receptive fields of convolutional neural networks", Distill.
    """
    height, width = model.input_shape[1:3]
    known = {each.name: each for each in model.layers}
    if layer not in known:
        raise ModelError(f"This network has no layer called “{layer[:40]}”.")
    everything = slice(0, height), slice(0, width)
    if len(known[layer].output.shape) != 4:
        return everything
    spans: dict[str, tuple[Span, Span]] = {layer: ((row, row), (column, column))}
    # Backwards through the network; where two branches meet, what either of them sees.
    for each in reversed(model.layers):
        if each.name not in spans:
            continue
        for name in input_layers(each):
            shape = known[name].output.shape
            if len(shape) != 4:
                return everything
            found = tuple(_before(each, axis, shape[1 + axis], spans[each.name][axis]) for axis in (0, 1))
            old = spans.get(name, found)
            spans[name] = tuple(  # type: ignore[assignment]
                (min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(old, found, strict=True)
            )
    rows, columns = spans[model.layers[0].name]
    return slice(rows[0], rows[1] + 1), slice(columns[0], columns[1] + 1)


def first_weights(model: "keras.Model") -> np.ndarray:
    """The weights with which each unit of the first layer looks at the image.

    Returns:
        float32 (units, h, w, C): of a convolution its filters, of a dense network the whole image's size.

    Raises:
        ModelError: there is none.
    """
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Conv2D":
            return np.asarray(layer.kernel).transpose(3, 0, 1, 2)
        if kind == "Dense" and layer.kernel.shape[0] == math.prod(model.input_shape[1:]):
            return np.asarray(layer.kernel).T.reshape(-1, *model.input_shape[1:])
    raise ModelError("No layer of this network looks at the image itself with weights; choose another network.")


def _before(layer: Any, axis: int, side: int, span: Span) -> Span:
    """Which of the ``side`` rows or columns before ``layer`` those of ``span`` depend on."""
    first, last = span
    if type(layer).__name__ == "ZeroPadding2D":
        before = layer.padding[axis][0]
        return max(0, first - before), min(side - 1, last - before)
    size = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if size is None:
        return span
    stride, dilation = layer.strides[axis], getattr(layer, "dilation_rate", (1, 1))[axis]
    reach = (size[axis] - 1) * dilation + 1
    missing = same_padding(side, reach, stride) if layer.padding == "same" else 0
    return max(0, first * stride - missing // 2), min(side - 1, last * stride - missing // 2 + reach - 1)
