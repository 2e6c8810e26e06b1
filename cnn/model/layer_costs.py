"""Parameters, multiply-adds, memory and receptive field of each layer, computed without building the model."""

import math
from dataclasses import dataclass

from cnn.model.architectures import (
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Layer,
    Pooling,
    Residual,
)
from cnn.model.shape_inference import infer_shapes, trainable_parameters


@dataclass(frozen=True)
class LayerCost:
    """The cost of one layer for one image.

    Attributes:
        shape: output shape, (h, w, channels) or (units,).
        parameters: number of trainable parameters.
        multiply_adds: of its convolutions or its matrix product.
        arithmetic: how the parameters are counted, as in "3 × 3 × 3 × 32 + 32"; empty if there are none.
        receptive_field: side in pixels of the square that one output value depends on; None for the whole image.
    """

    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    arithmetic: str = ""
    receptive_field: int | None = None

    @property
    def bytes(self) -> int:
        """Bytes of the output for one image, as float32."""
        return 4 * math.prod(self.shape)


def layer_costs(architecture: Architecture, input_shape: tuple[int, int, int], num_classes: int) -> list[LayerCost]:
    """The cost of every layer, ending with the output layer.

    Raises:
        ConfigError: a layer is impossible.
    """
    result = []
    before: tuple[int, ...] = tuple(input_shape)
    # Pixels that one output value depends on, and between neighbouring output values.
    field, step = 1, 1
    for layer, shape in zip(architecture.layers, infer_shapes(architecture, input_shape), strict=True):
        extent, strides = _window(layer)
        field, step = field + (extent - 1) * step, step * strides
        sees_all = len(shape) == 1 or field >= max(input_shape[:2])
        result.append(
            LayerCost(
                shape,
                trainable_parameters(layer, before),
                _multiply_adds(layer, before, shape),
                _arithmetic(layer, before),
                None if sees_all else field,
            )
        )
        before = shape
    inputs = math.prod(before)
    products = inputs * num_classes
    arithmetic = _dense_arithmetic(inputs, num_classes, bias=True)
    return [*result, LayerCost((num_classes,), products + num_classes, products, arithmetic)]


def multiply_adds(architecture: Architecture, input_shape: tuple[int, int, int], num_classes: int) -> int:
    """Multiply-adds to predict one image; training takes about three times as many."""
    return sum(cost.multiply_adds for cost in layer_costs(architecture, input_shape, num_classes))


def _multiply_adds(layer: Layer, before: tuple[int, ...], shape: tuple[int, ...]) -> int:
    match layer:
        case Convolution(filters, size):
            return shape[0] * shape[1] * size * size * before[-1] * filters
        case Residual(filters):
            shortcut = 0 if before[-1] == filters else before[-1] * filters
            return shape[0] * shape[1] * (9 * filters * (before[-1] + filters) + shortcut)
        case Dense(units):
            return before[-1] * units
    return 0


def _window(layer: Layer) -> tuple[int, int]:
    """(extent, strides) of a layer's sliding window in cells of its input; (1, 1) if it has none.

    Source: Araujo, Norris & Sim (2019), "Computing receptive fields of convolutional neural networks", Distill.
    """
    match layer:
        case Convolution(_, size, strides, dilation):
            return (size - 1) * dilation + 1, strides
        case Residual():
            return 5, 1
        case Pooling(_, size):
            return size, size
    return 1, 1


def _arithmetic(layer: Layer, before: tuple[int, ...]) -> str:
    channels = before[-1]
    match layer:
        case Convolution(filters, size):
            offsets = f" + {filters}" if layer.bias or layer.batch_norm else ""
            return f"{size} × {size} × {channels} × {filters}{offsets}"
        case Residual(filters):
            convolutions = f"3 × 3 × {channels} × {filters} + {filters} + 3 × 3 × {filters} × {filters} + {filters}"
            return convolutions if channels == filters else f"{convolutions} + {channels} × {filters}"
        case Dense(units, _, bias):
            return _dense_arithmetic(channels, units, bias=bias)
        case BatchNormalization():
            return str(channels)
    return ""


def _dense_arithmetic(inputs: int, units: int, *, bias: bool) -> str:
    return f"{inputs} × {units}" + (f" + {units}" if bias else "")
