"""How each kind of layer computes one number of its output: from which inputs, with which weights and bias."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnn.analysis.convolution.window import same_padding
from cnn.errors import ModelError

Position = tuple[int, ...]
"""(row, column, channel) in feature maps, or (unit,) in a vector."""


@dataclass(eq=False)
class LayerArithmetic:
    """As in ``NumberOrigin``; ``positions`` are in the layer's input, ``total`` is None for a weighted sum."""

    operation: str
    values: np.ndarray
    positions: np.ndarray
    weights: np.ndarray | None = None
    bias: float | None = None
    activation: str | None = None
    total: float | None = None


# gelu in its exact form, as Keras computes it by default (Hendrycks & Gimpel, 2016).
_ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(0.0, x),
    "relu6": lambda x: min(6.0, max(0.0, x)),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "tanh": math.tanh,
    "sigmoid": lambda x: (1 + math.tanh(x / 2)) / 2,
    "linear": lambda x: x,
}


def activate(name: str, value: float) -> float:
    """Apply an activation function to one number.

    Raises:
        ModelError: the function is not covered here.
    """
    if name not in _ACTIVATIONS:
        raise ModelError(f"The activation {name} is not explained here; choose another layer.")
    return _ACTIVATIONS[name](value)


def _as_arrays(values: list[float], positions: list[Position | None]) -> tuple[np.ndarray, np.ndarray]:
    """Values and positions as vectors; NumPy would otherwise turn the tuples into a second axis."""
    objects = np.empty(len(positions), object)
    for index, position in enumerate(positions):
        objects[index] = position
    return np.array(values, np.float64), objects


def _window(
    layer: Any, image: np.ndarray, position: Position, size: int, stride: int, dilation: int
) -> tuple[np.ndarray, np.ndarray]:
    """(values, positions) under the window, each (size, size, channels); NaN and None in the padding."""
    channels = image.shape[2]
    values = np.full((size, size, channels), np.nan)
    positions = np.empty((size, size, channels), object)
    starts = []
    for side, index in zip(image.shape[:2], position[:2], strict=True):
        missing = same_padding(side, (size - 1) * dilation + 1, stride) if layer.padding == "same" else 0
        starts.append(index * stride - missing // 2)
    for i in range(size):
        for j in range(size):
            row, column = starts[0] + i * dilation, starts[1] + j * dilation
            if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                values[i, j] = image[row, column]
                for channel in range(channels):
                    positions[i, j, channel] = (row, column, channel)
    return values, positions


def _set_channel(positions: np.ndarray, channel: int) -> None:
    """Put the true channel into the ``positions`` of a window over a single channel."""
    for index, position in np.ndenumerate(positions):
        if position is not None:
            positions[index] = (position[0], position[1], channel)


def _activation_name(layer: Any) -> str | None:
    import keras

    name = str(keras.activations.serialize(layer.activation))
    return None if name == "linear" else name


def _convolution(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    values, positions = _window(
        layer, inputs[0], position, layer.kernel_size[0], layer.strides[0], layer.dilation_rate[0]
    )
    bias = float(layer.bias[position[2]]) if layer.use_bias else None
    weights = np.asarray(layer.kernel, np.float64)[..., position[2]]
    return LayerArithmetic("convolution", values, positions, weights, bias, _activation_name(layer))


def _depthwise(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    channel, multiple = divmod(position[2], layer.depth_multiplier)
    values, positions = _window(
        layer, inputs[0][..., [channel]], position, layer.kernel_size[0], layer.strides[0], layer.dilation_rate[0]
    )
    _set_channel(positions, channel)
    bias = float(layer.bias[position[2]]) if layer.use_bias else None
    weights = np.asarray(layer.kernel, np.float64)[:, :, [channel], multiple]
    return LayerArithmetic("depthwise convolution", values, positions, weights, bias, _activation_name(layer))


def _pooling(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    channel = position[2]
    values, positions = _window(layer, inputs[0][..., [channel]], position, layer.pool_size[0], layer.strides[0], 1)
    _set_channel(positions, channel)
    if _is_max(layer):
        return LayerArithmetic("largest", values, positions, total=float(np.nanmax(values)))
    return LayerArithmetic("average", values, positions, total=float(np.nanmean(values)))


def _global_pooling(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    channel = position[-1]
    values = inputs[0][..., [channel]]
    positions = np.empty(values.shape, object)
    for row, column, _ in np.ndindex(values.shape):
        positions[row, column, 0] = (row, column, channel)
    if _is_max(layer):
        return LayerArithmetic("largest", values, positions, total=float(values.max()))
    return LayerArithmetic("average", values, positions, total=float(values.mean()))


def _is_max(layer: Any) -> bool:
    return "Max" in type(layer).__name__


def _normalization(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    channel = position[-1]
    gamma = float(layer.gamma[channel]) if layer.scale else 1.0
    beta = float(layer.beta[channel]) if layer.center else 0.0
    weight = gamma / np.sqrt(float(layer.moving_variance[channel]) + layer.epsilon)
    values, positions = _as_arrays([float(inputs[0][position])], [position])
    return LayerArithmetic(
        "scale", values, positions, np.array([weight]), beta - float(layer.moving_mean[channel]) * weight
    )


def _rescaling(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    values, positions = _as_arrays([float(inputs[0][position])], [position])
    # One scale and offset for all channels, or one for each.
    scale, offset = (
        np.broadcast_to(value, inputs[0].shape[-1:])[position[-1]] for value in (layer.scale, layer.offset)
    )
    return LayerArithmetic("scale", values, positions, np.array([float(scale)]), float(offset))


def _activation(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    values, positions = _as_arrays([float(inputs[0][position])], [position])
    if type(layer).__name__ == "ReLU":
        name: str | None = "relu" if layer.max_value is None else f"relu{layer.max_value:g}"
    else:
        name = _activation_name(layer)
    return LayerArithmetic("activation", values, positions, activation=name)


def _addition(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    summands = [float(branch[position]) for branch in inputs]
    return LayerArithmetic("addition", *_as_arrays(summands, [position] * len(inputs)))


def _copy(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    return LayerArithmetic("copy", *_as_arrays([float(inputs[0][position])], [position]))


def _flatten(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    source = tuple(int(i) for i in np.unravel_index(position[0], inputs[0].shape))
    return LayerArithmetic("copy", *_as_arrays([float(inputs[0][source])], [source]))


def _zero_padding(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    source = (position[0] - layer.padding[0][0], position[1] - layer.padding[1][0], position[2])
    inside = all(0 <= i < side for i, side in zip(source, inputs[0].shape, strict=True))
    value = float(inputs[0][source]) if inside else np.nan
    return LayerArithmetic("copy", *_as_arrays([value], [source if inside else None]))


def _cropping(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    source = (position[0] + layer.cropping[0][0], position[1] + layer.cropping[1][0], position[2])
    return LayerArithmetic("copy", *_as_arrays([float(inputs[0][source])], [source]))


def _dense(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    values, positions = _as_arrays(list(inputs[0]), [(unit,) for unit in range(len(inputs[0]))])
    bias = float(layer.bias[position[0]]) if layer.use_bias else None
    weights = np.asarray(layer.kernel, np.float64)[:, position[0]]
    return LayerArithmetic("dense", values, positions, weights, bias, _activation_name(layer))


def _image(layer: Any, inputs: list[np.ndarray], position: Position) -> LayerArithmetic:
    raise ModelError("This number is a pixel of the image: it comes from nowhere.")


def is_covered(layer: Any) -> bool:
    """Whether its arithmetic here has a layer's settings; networks from elsewhere may have others."""
    sides = (getattr(layer, name, (1, 1)) for name in ("kernel_size", "pool_size", "strides", "dilation_rate"))
    if any(len(set(pair)) > 1 for pair in sides) or getattr(layer, "groups", 1) > 1:
        return False
    match type(layer).__name__:
        case "ReLU":
            return not layer.negative_slope and not layer.threshold
        case "Dense":
            return len(layer.output.shape) == 2
    return True


ARITHMETIC: dict[str, Callable[[Any, list[np.ndarray], Position], LayerArithmetic]] = {
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
    "ZeroPadding2D": _zero_padding,
    "Cropping2D": _cropping,
    "Dense": _dense,
}
"""Class name of a Keras layer -> its arithmetic: (layer, its inputs without the batch axis, position) -> parts."""
