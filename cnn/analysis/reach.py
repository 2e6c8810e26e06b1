"""Which pixels one number of a layer depends on, and with which weights: what a unit can see."""

import math
from typing import TYPE_CHECKING

import numpy as np

from cnn.model.architectures import Architecture
from cnn.model.arithmetic import window
from cnn.model.checks import check

if TYPE_CHECKING:
    import keras


def seen_pixels(
    architecture: Architecture, input_shape: tuple[int, int, int], layer: int, row: int, column: int
) -> tuple[slice, slice]:
    """The rows and columns of the image that one number of a layer's output depends on.

    Args:
        layer: which of ``architecture.layers``, from 0.
        row, column: of the number, in that layer's output; of no importance once a layer has flattened the image.

    Returns:
        Slices of rows and of columns, cut at the edges; the whole image behind Flatten, Dense or global pooling.

    Source: Araujo, Norris & Sim (2019), "Computing receptive fields of convolutional neural networks", Distill.
    """
    shapes = [input_shape, *check(architecture, input_shape)]
    if len(shapes[layer + 1]) == 1:
        return slice(0, input_shape[0]), slice(0, input_shape[1])
    spans = []
    for axis, place in ((0, row), (1, column)):
        first = last = place
        for before, after, each in reversed(
            list(zip(shapes, shapes[1:], architecture.layers[: layer + 1], strict=False))
        ):
            reach, strides = window(each)
            padded = getattr(each, "padding", "valid") == "same" or each.kind == "residual"
            # As Keras pads: what is missing, half of it before, the odd one after.
            missing = max(0, (after[axis] - 1) * strides + reach - before[axis]) if padded else 0
            first = max(0, first * strides - missing // 2)
            last = min(before[axis] - 1, last * strides - missing // 2 + reach - 1)
        spans.append(slice(first, last + 1))
    return spans[0], spans[1]


def first_weights(model: "keras.Model") -> np.ndarray:
    """The weights with which each unit of the first layer looks at the image.

    Returns:
        float32 (units, h, w, C): of a convolution its filters, of a dense network the whole image's size.

    Raises:
        ValueError: there is none.
    """
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Conv2D":
            return np.asarray(layer.kernel).transpose(3, 0, 1, 2)
        if kind == "Dense" and layer.kernel.shape[0] == math.prod(model.input_shape[1:]):
            return np.asarray(layer.kernel).T.reshape(-1, *model.input_shape[1:])
    raise ValueError("No layer of this network looks at the image itself with weights; choose another network.")
