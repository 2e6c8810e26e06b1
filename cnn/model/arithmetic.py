"""What each layer of an architecture costs: parameters and multiply-adds, counted without building it."""

import math
from dataclasses import dataclass

from cnn.model.architectures import Architecture, Convolution, Dense, Layer, Residual
from cnn.model.checks import check, trainable_parameters


@dataclass(frozen=True)
class Cost:
    """One layer's cost for one image.

    Attributes:
        shape: of its output, (h, w, channels) or (numbers,).
        parameters: trainable ones.
        multiply_adds: of its convolutions or its matrix product.
    """

    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


def costs(architecture: Architecture, input_shape: tuple[int, int, int], num_classes: int) -> list[Cost]:
    """The cost of every layer, the output layer last.

    Raises:
        ConfigError: a layer is impossible.
    """
    result = []
    before: tuple[int, ...] = tuple(input_shape)
    for layer, shape in zip(architecture.layers, check(architecture, input_shape), strict=True):
        result.append(Cost(shape, trainable_parameters(layer, before), _multiply_adds(layer, before, shape)))
        before = shape
    products = math.prod(before) * num_classes
    return [*result, Cost((num_classes,), products + num_classes, products)]


def multiply_adds(architecture: Architecture, input_shape: tuple[int, int, int], num_classes: int) -> int:
    """Multiply-adds to answer for one image; training takes about three times as many."""
    return sum(cost.multiply_adds for cost in costs(architecture, input_shape, num_classes))


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
