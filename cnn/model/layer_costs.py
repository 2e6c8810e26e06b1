"""Parameters, multiply-adds, memory and receptive field of each layer, computed without building the model."""

import math
from dataclasses import dataclass

import numpy as np

from cnn.model.architectures import (
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    GlobalPooling,
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
        parameters: number of parameters that training changes (trainable).
        measured: number of those that are only measured (non-trainable): batch normalisation's means and variances.
        multiply_adds: of its convolutions or its matrix product.
        arithmetic: how the parameters are counted, as in "3 × 3 × 3 × 32 + 32"; empty if there are none.
        numbers: how many values it computes for one image, with those inside a block.
        receptive_field: side in pixels of the square that one output value depends on in the middle of an image that is
            large enough; None after global pooling or a dense layer, whose values depend on all that is seen at all.
        seen: (rows, columns) of the image that at least one output value depends on.
        seeing_all: fraction of the output values that depend on every pixel of the image, 0..1.
    """

    shape: tuple[int, ...]
    parameters: int
    measured: int
    multiply_adds: int
    numbers: int
    arithmetic: str
    receptive_field: int | None
    seen: tuple[int, int]
    seeing_all: float

    @property
    def bytes(self) -> int:
        """Bytes of all its values for one image, as float32."""
        return 4 * self.numbers


def layer_costs(architecture: Architecture, input_shape: tuple[int, int, int], num_classes: int) -> list[LayerCost]:
    """The cost of every layer, ending with the output layer.

    Raises:
        ConfigError: a layer is impossible.
    """
    result = []
    before: tuple[int, ...] = tuple(input_shape)
    # Pixels that one output value depends on, and between neighbouring output values.
    field, step = 1, 1
    rows, columns = (np.eye(side, dtype=bool) for side in input_shape[:2])
    for layer, shape in zip(architecture.layers, infer_shapes(architecture, input_shape), strict=True):
        extent, strides = _window(layer)
        field, step = field + (extent - 1) * step, step * strides
        rows, columns = _seen_after(layer, rows), _seen_after(layer, columns)
        result.append(
            LayerCost(
                shape,
                trainable_parameters(layer, before),
                _measured_parameters(layer, before),
                _multiply_adds(layer, before, shape),
                _numbers(layer, before, shape),
                _arithmetic(layer, before),
                None if len(shape) == len(rows) == len(columns) == 1 else field,
                *_seen(rows, columns),
            )
        )
        before = shape
    inputs = math.prod(before)
    products = inputs * num_classes
    arithmetic = _dense_arithmetic(inputs, num_classes, bias=True)
    # Maps are flattened for the output layer, which sees what any of them sees.
    numbers = num_classes + (inputs if len(before) > 1 else 0)
    seen = _seen(_seen_together(rows), _seen_together(columns))
    parameters = products + num_classes
    return [*result, LayerCost((num_classes,), parameters, 0, products, numbers, arithmetic, None, *seen)]


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


def _measured_parameters(layer: Layer, before: tuple[int, ...]) -> int:
    """A mean and a variance for each channel that is normalised."""
    match layer:
        case Convolution(filters) if layer.batch_norm:
            return 2 * filters
        case Residual(filters):
            return 4 * filters
        case BatchNormalization():
            return 2 * before[-1]
    return 0


def _numbers(layer: Layer, before: tuple[int, ...], shape: tuple[int, ...]) -> int:
    match layer:
        case Convolution() if layer.batch_norm:
            outputs = 3  # of the convolution, the normalisation and the activation
        case Residual(filters):
            outputs = 7 + (before[-1] != filters)  # two convolutions, as above, the sum, and perhaps a shortcut
        case _:
            outputs = 1
    return outputs * math.prod(shape)


def _seen_after(layer: Layer, seen: np.ndarray) -> np.ndarray:
    """Which pixels along a side the cells of a layer depend on.

    Args:
        seen: bool (cells, pixels), the same for the layer before.
    """
    match layer:
        case Convolution(_, size, strides, dilation, padding):
            return _seen_through(seen, size, strides, dilation, same=padding == "same")
        case Residual():
            return _seen_through(_seen_through(seen, 3, 1, 1, same=True), 3, 1, 1, same=True)
        case Pooling(_, size):
            return _seen_through(seen, size, size, 1, same=False)
        case GlobalPooling() | Dense():
            return _seen_together(seen)
    return seen


def _seen_together(seen: np.ndarray) -> np.ndarray:
    """What any of the cells depends on, bool (1, pixels)."""
    return np.asarray(seen.any(axis=0, keepdims=True))


def _seen_through(seen: np.ndarray, size: int, strides: int, dilation: int, *, same: bool) -> np.ndarray:
    """``_seen_after`` for a window of ``size`` cells; ``same`` pads so that only strides make the side smaller."""
    side, extent = len(seen), (size - 1) * dilation + 1
    cells = -(-side // strides) if same else (side - extent) // strides + 1
    before = max(0, (cells - 1) * strides + extent - side) // 2 if same else 0
    taps = np.arange(cells)[:, None] * strides - before + np.arange(size) * dilation
    inside = (taps >= 0) & (taps < side)
    return np.asarray((seen[np.clip(taps, 0, side - 1)] & inside[..., None]).any(axis=1))


def _seen(rows: np.ndarray, columns: np.ndarray) -> tuple[tuple[int, int], float]:
    """``seen`` and ``seeing_all`` of a layer, from what its cells depend on along both sides, bool (cells, pixels)."""
    union = (int(rows.any(axis=0).sum()), int(columns.any(axis=0).sum()))
    return union, float(rows.all(axis=1).mean() * columns.all(axis=1).mean())


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
