"""What each layer of an architecture costs: parameters and multiply-adds, counted without building it."""

from dataclasses import dataclass

from cnn.model.architectures import (
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Layer,
    Residual,
    check,
)


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
    shapes = check(architecture, input_shape)
    before: tuple[int, ...] = tuple(input_shape)
    result = []
    for layer, shape in zip(architecture.layers, shapes, strict=True):
        result.append(_cost(layer, before, shape))
        before = shape
    numbers = 1
    for side in before:
        numbers *= side
    return [*result, Cost((num_classes,), numbers * num_classes + num_classes, numbers * num_classes)]


def multiply_adds(architecture: Architecture, input_shape: tuple[int, int, int], num_classes: int) -> int:
    """Multiply-adds to answer for one image; training takes about three times as many."""
    return sum(cost.multiply_adds for cost in costs(architecture, input_shape, num_classes))


def _cost(layer: Layer, before: tuple[int, ...], shape: tuple[int, ...]) -> Cost:
    match layer:
        case Convolution(filters, size):
            weights = size * size * before[-1] * filters
            # Batch normalisation's offset takes the place of the bias.
            extra = filters if layer.bias or layer.batch_norm else 0
            return Cost(shape, weights + extra, weights * shape[0] * shape[1])
        case Residual(filters):
            shortcut = 0 if before[-1] == filters else before[-1] * filters
            weights = 9 * filters * (before[-1] + filters) + shortcut
            return Cost(shape, weights + 2 * filters, weights * shape[0] * shape[1])
        case Dense(units):
            return Cost(shape, before[-1] * units + units, before[-1] * units)
        case BatchNormalization():
            return Cost(shape, shape[-1], 0)
    return Cost(shape, 0, 0)
