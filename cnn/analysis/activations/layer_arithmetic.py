"""What each kind of layer makes one number of: the numbers it takes, where they stand, its weights and its bias."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnn.analysis.convolution.window import same_padding
from cnn.errors import ModelError

Position = tuple[int, ...]
"""(row, column, channel) of a number in a layer's maps, or (unit,) in a row of numbers."""


@dataclass(eq=False)
class LayerArithmetic:
    """As in ``Origin``; ``places`` are in the layer before, ``total`` is None where it is the weighted sum."""

    doing: str
    values: np.ndarray
    places: np.ndarray
    weights: np.ndarray | None = None
    bias: float | None = None
    activation: str | None = None
    total: float | None = None


# gelu as Keras has it: x times the normal distribution's share below x (Hendrycks & Gimpel, 2016).
_ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(0.0, x),
    "relu6": lambda x: min(6.0, max(0.0, x)),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "tanh": math.tanh,
    "sigmoid": lambda x: (1 + math.tanh(x / 2)) / 2,
    "linear": lambda x: x,
}


def activate(name: str, value: float) -> float:
    """An activation of one number.

    Raises:
        ModelError: one that is not explained here.
    """
    if name not in _ACTIVATIONS:
        raise ModelError(f"The activation {name} is not explained here; choose another layer.")
    return _ACTIVATIONS[name](value)


def _one(values: list[float], places: list[Position | None]) -> tuple[np.ndarray, np.ndarray]:
    found = np.empty(len(places), object)
    for index, at in enumerate(places):
        found[index] = at
    return np.array(values, np.float64), found


def _window(layer: Any, image: np.ndarray, place: Position, size: int, stride: int, dilation: int) -> tuple[Any, Any]:
    """(values, places) under the window: (size, size, channels), NaN and None beyond the edge."""
    channels = image.shape[2]
    values = np.full((size, size, channels), np.nan)
    places = np.empty((size, size, channels), object)
    starts = []
    for side, at in zip(image.shape[:2], place[:2], strict=True):
        missing = same_padding(side, (size - 1) * dilation + 1, stride) if layer.padding == "same" else 0
        starts.append(at * stride - missing // 2)
    for i in range(size):
        for j in range(size):
            row, column = starts[0] + i * dilation, starts[1] + j * dilation
            if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                values[i, j] = image[row, column]
                for channel in range(channels):
                    places[i, j, channel] = (row, column, channel)
    return values, places


def _activation_of(layer: Any) -> str | None:
    import keras

    name = str(keras.activations.serialize(layer.activation))
    return None if name == "linear" else name


def _convolution(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    values, places = _window(layer, inputs[0], place, layer.kernel_size[0], layer.strides[0], layer.dilation_rate[0])
    bias = float(layer.bias[place[2]]) if layer.use_bias else None
    weights = np.asarray(layer.kernel, np.float64)[..., place[2]]
    return LayerArithmetic("convolution", values, places, weights, bias, _activation_of(layer))


def _depthwise(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    channel, which = divmod(place[2], layer.depth_multiplier)
    values, places = _window(
        layer, inputs[0][..., [channel]], place, layer.kernel_size[0], layer.strides[0], layer.dilation_rate[0]
    )
    _name_channel(places, channel)
    bias = float(layer.bias[place[2]]) if layer.use_bias else None
    weights = np.asarray(layer.kernel, np.float64)[:, :, [channel], which]
    return LayerArithmetic("depthwise convolution", values, places, weights, bias, _activation_of(layer))


def _pooling(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    values, places = _window(layer, inputs[0][..., [place[2]]], place, layer.pool_size[0], layer.strides[0], 1)
    _name_channel(places, place[2])
    largest = "Max" in type(layer).__name__
    total = float(np.nanmax(values) if largest else np.nanmean(values))
    return LayerArithmetic("largest" if largest else "average", values, places, total=total)


def _global_pooling(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    channel = place[-1]
    values = inputs[0][..., [channel]]
    places = np.empty(values.shape, object)
    for row, column, _ in np.ndindex(values.shape):
        places[row, column, 0] = (row, column, channel)
    largest = "Max" in type(layer).__name__
    return LayerArithmetic(
        "largest" if largest else "average", values, places, total=float(values.max() if largest else values.mean())
    )


def _name_channel(places: np.ndarray, channel: int) -> None:
    """``places`` of one channel taken out of many say which it was."""
    for index, at in np.ndenumerate(places):
        if at is not None:
            places[index] = (at[0], at[1], channel)


def _normalization(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    channel = place[-1]
    gamma = float(layer.gamma[channel]) if layer.scale else 1.0
    beta = float(layer.beta[channel]) if layer.center else 0.0
    weight = gamma / np.sqrt(float(layer.moving_variance[channel]) + layer.epsilon)
    values, places = _one([float(inputs[0][place])], [place])
    return LayerArithmetic(
        "scale", values, places, np.array([weight]), beta - float(layer.moving_mean[channel]) * weight
    )


def _rescaling(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    values, places = _one([float(inputs[0][place])], [place])
    return LayerArithmetic("scale", values, places, np.array([float(layer.scale)]), float(layer.offset))


def _activation(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    values, places = _one([float(inputs[0][place])], [place])
    if type(layer).__name__ == "ReLU":
        name: str | None = "relu" if layer.max_value is None else f"relu{layer.max_value:g}"
    else:
        name = _activation_of(layer)
    return LayerArithmetic("activation", values, places, activation=name)


def _addition(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    return LayerArithmetic("addition", *_one([float(each[place]) for each in inputs], [place] * len(inputs)))


def _copy(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    return LayerArithmetic("copy", *_one([float(inputs[0][place])], [place]))


def _flatten(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    at = tuple(int(each) for each in np.unravel_index(place[0], inputs[0].shape))
    return LayerArithmetic("copy", *_one([float(inputs[0][at])], [at]))


def _zeros_around(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    at = (place[0] - layer.padding[0][0], place[1] - layer.padding[1][0], place[2])
    inside = all(0 <= each < side for each, side in zip(at, inputs[0].shape, strict=True))
    return LayerArithmetic("copy", *_one([float(inputs[0][at]) if inside else np.nan], [at if inside else None]))


def _dense(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    values, places = _one(list(inputs[0]), [(unit,) for unit in range(len(inputs[0]))])
    bias = float(layer.bias[place[0]]) if layer.use_bias else None
    return LayerArithmetic(
        "dense", values, places, np.asarray(layer.kernel, np.float64)[:, place[0]], bias, _activation_of(layer)
    )


def _image(layer: Any, inputs: list[np.ndarray], place: Position) -> LayerArithmetic:
    raise ModelError("This number is a pixel of the image: it comes from nowhere.")


KINDS = {
    "InputLayer": _image,
    "Rescaling": _rescaling,
    "Conv2D": _convolution,
    "DepthwiseConv2D": _depthwise,
    "MaxPooling2D": _pooling,
    "AveragePooling2D": _pooling,
    "GlobalMaxPooling2D": _global_pooling,
    "GlobalAveragePooling2D": _global_pooling,
    "BatchNormalization": _normalization,
    "Activation": _activation,
    "ReLU": _activation,
    "Add": _addition,
    "Dropout": _copy,
    "Flatten": _flatten,
    "ZeroPadding2D": _zeros_around,
    "Dense": _dense,
}
