"""Checks that the layers of an architecture fit together, and infers their output shapes without building a model."""

import math
from dataclasses import replace
from typing import Any

from cnn.errors import ConfigError
from cnn.model.architectures import (
    ACTIVATIONS,
    Activation,
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalPooling,
    Layer,
    Pooling,
    Residual,
)

MAX_LAYERS = 40
LARGEST = {"filters": 1024, "units": 8192, "size": 15, "strides": 8, "dilation": 8}
MAX_PARAMETERS = 20_000_000


def infer_shapes(architecture: Architecture, input_shape: tuple[int, int, int]) -> list[tuple[int, ...]]:
    """The output shape of every layer.

    Args:
        input_shape: (height, width, channels).

    Returns:
        One shape per layer, without the batch axis: (h, w, channels) or (units,).

    Raises:
        ConfigError: a layer is impossible; the message names the first one, its input and a remedy.
    """
    if len(architecture.layers) > MAX_LAYERS:
        raise ConfigError(f"This network has {len(architecture.layers)} layers; at most {MAX_LAYERS} are possible.")
    if architecture.rescaling not in ("unit", "symmetric"):
        raise ConfigError(f"Rescaling is “{architecture.rescaling}”; choose unit (0 to 1) or symmetric (-1 to 1).")
    shape: tuple[int, ...] = tuple(input_shape)
    shapes, parameters = [], 0
    for position, layer in enumerate(architecture.layers, 1):
        before = shape
        try:
            shape = output_shape(layer, before)
        except ConfigError as error:
            raise ConfigError(f"Layer {position} ({layer.kind.replace('_', ' ')}): {error}") from error
        parameters += trainable_parameters(layer, before)
        if parameters > MAX_PARAMETERS:
            raise ConfigError(
                f"Layer {position} ({layer.kind}): the network would have over {MAX_PARAMETERS:,} parameters, too many "
                "for this machine. Use fewer filters or units, or pool more before flattening."
            )
        shapes.append(shape)
    return shapes


def first_problem(architecture: Architecture, input_shape: tuple[int, int, int]) -> tuple[int, str] | None:
    """(position of the first impossible layer, counted from 1, message), or None if all layers are possible."""
    for position in range(1, len(architecture.layers) + 1):
        try:
            infer_shapes(replace(architecture, layers=architecture.layers[:position]), input_shape)
        except ConfigError as error:
            return position, str(error)
    return None


def output_shape(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The output shape of ``layer`` for the input shape ``shape``, both without the batch axis.

    Raises:
        ConfigError: the layer cannot take that input, or one of its settings is out of range.
    """
    needs_maps = isinstance(layer, Convolution | Pooling | Residual | GlobalPooling)
    if needs_maps and len(shape) != 3:
        raise ConfigError(f"it needs feature maps but gets {shape[0]} plain numbers. Move it before Flatten.")
    match layer:
        case Convolution(filters, size, strides, dilation, padding, activation):
            _check_integer("filters", filters, 1, LARGEST["filters"])
            _check_integer("kernel size", size, 1, LARGEST["size"])
            _check_integer("strides", strides, 1, LARGEST["strides"])
            _check_integer("dilation", dilation, 1, LARGEST["dilation"])
            _check_choice("padding", padding, ("valid", "same"))
            _check_choice("activation", activation, ACTIVATIONS)
            _check_choice("batch normalisation", layer.batch_norm, (True, False))
            _check_choice("bias", layer.bias, (True, False))
            if strides > 1 and dilation > 1:
                raise ConfigError("strides and dilation are both above 1, which Keras refuses. Set one of them to 1.")
            extent = (size - 1) * dilation + 1
            if padding == "valid":
                _check_window_fits(
                    "the kernel", extent, shape, "Make it smaller, pad with “same”, or pool less before it."
                )
            return (*(_output_side(side, extent, strides, padding) for side in shape[:2]), filters)
        case Pooling(operation, size):
            _check_choice("pooling", operation, ("max", "average"))
            _check_integer("window", size, 1, LARGEST["size"])
            _check_window_fits("the window", size, shape, "Make it smaller, or pool less before it.")
            return (shape[0] // size, shape[1] // size, shape[2])
        case Residual(filters):
            _check_integer("filters", filters, 1, LARGEST["filters"])
            return (shape[0], shape[1], filters)
        case GlobalPooling(operation):
            _check_choice("pooling", operation, ("max", "average"))
            return (shape[2],)
        case Flatten():
            return (math.prod(shape),)
        case Dense(units, activation):
            _check_integer("units", units, 1, LARGEST["units"])
            _check_choice("activation", activation, ACTIVATIONS)
            _check_choice("bias", layer.bias, (True, False))
            if len(shape) == 3:
                raise ConfigError(f"it gets feature maps {shape}. Put Flatten or global pooling before it.")
            return (units,)
        case Activation(function):
            _check_choice("activation", function, ACTIVATIONS)
        case Dropout(rate):
            if not isinstance(rate, int | float) or not 0 <= rate < 1:
                raise ConfigError(f"the rate is {rate}; choose a number from 0 to below 1.")
    return shape


def trainable_parameters(layer: Layer, before: tuple[int, ...]) -> int:
    """Number of trainable parameters of ``layer`` for the input shape ``before``, without the batch axis."""
    match layer:
        case Convolution(filters, size):
            # The offset of batch normalisation replaces the bias.
            return size * size * before[-1] * filters + (filters if layer.bias or layer.batch_norm else 0)
        case Residual(filters):
            shortcut = 0 if before[-1] == filters else before[-1] * filters
            return 9 * filters * (before[-1] + filters) + shortcut + 2 * filters
        case Dense(units, _, bias):
            return before[-1] * units + (units if bias else 0)
        case BatchNormalization():
            return before[-1]
    return 0


def _output_side(side: int, extent: int, strides: int, padding: str) -> int:
    return -(-side // strides) if padding == "same" else (side - extent) // strides + 1


def _check_window_fits(name: str, extent: int, shape: tuple[int, ...], remedy: str) -> None:
    if extent > min(shape[:2]):
        raise ConfigError(
            f"{name} covers {extent} x {extent} cells but only {shape[0]} x {shape[1]} reach it. {remedy}"
        )


def _check_integer(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigError(f"{name} is {value}; choose a whole number from {low} to {high}.")


def _check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{name} is “{value}”; choose {', '.join(map(str, choices))}.")
