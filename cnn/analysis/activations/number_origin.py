"""Where one number of a network comes from: the numbers it was made of, and how; then those of each of these.

Worked out in NumPy from the weights and the layer before, not asked of Keras: the result must be what the network gave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.analysis.activations.layer_arithmetic import KINDS, LayerArithmetic, Position, activate
from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class NumberOrigin:
    """How one number came about.

    Attributes:
        layer: the name of the layer it belongs to.
        place: where it stands there.
        doing: what the layer does: "convolution", "depthwise convolution", "largest", "average", "scale",
            "activation", "addition", "dense" or "copy".
        values: float64 (n, n, channels) of a window, else (n,): the numbers it was made of; NaN beyond the edge.
        sources: of the same shape as ``values``, object: (layer, place) of each, None beyond the edge.
        weights: of the same shape, or None where the layer has none.
        bias: added at the end; None where there is none.
        activation: applied at the end, as "relu"; None where there is none.
        total: before the activation.
        result: the number.
    """

    layer: str
    place: Position
    doing: str
    values: np.ndarray
    sources: np.ndarray
    weights: np.ndarray | None
    bias: float | None
    activation: str | None
    total: float
    result: float

    @property
    def products(self) -> np.ndarray:
        """Values times weights, 0 beyond the edge; the values themselves where there are no weights."""
        values = np.nan_to_num(self.values)
        return values if self.weights is None else values * self.weights

    @property
    def channel_sums(self) -> np.ndarray:
        """The products of each channel added up, float64 (channels,); of a row of numbers the products themselves."""
        return self.products.sum(axis=(0, 1)) if self.values.ndim == 3 else self.products


def number_origin(model: "keras.Model", numbers: Mapping[str, np.ndarray], layer: str, place: Position) -> NumberOrigin:
    """How the number at ``place`` of ``layer`` came about.

    Args:
        model: built of the layers that this app builds, and of those of MobileNetV2.
        numbers: what every layer makes of one image, as ``probe(model)`` gives it for a batch of that image alone.
        layer: name of a layer.
        place: (row, column, channel), or (unit,).

    Raises:
        ModelError: no such layer or place, or a layer of a kind that is not explained here.
    """
    if layer not in numbers:
        raise ModelError(f"This network has no layer called “{layer[:40]}”.")
    shape = numbers[layer].shape[1:]
    if len(place) != len(shape) or not all(0 <= each < side for each, side in zip(place, shape, strict=True)):
        raise ModelError(f"The layer {layer} has numbers at {' x '.join(map(str, shape))} places, none at {place}.")
    known = model.get_layer(layer)
    before = input_layers(known)
    inputs = [numbers[name][0].astype(np.float64) for name in before]
    kind = type(known).__name__
    if kind not in KINDS:
        raise ModelError(f"How a layer of kind {kind} makes a number is not explained here; choose another layer.")
    made: LayerArithmetic = KINDS[kind](known, inputs, place)
    sources = np.empty(made.values.shape, object)
    for index, at in np.ndenumerate(made.places):
        sources[index] = None if at is None else (before[0 if len(before) == 1 else index[0]], at)
    weighed = np.nan_to_num(made.values) * (1 if made.weights is None else made.weights)
    total = made.total if made.total is not None else float(weighed.sum()) + (made.bias or 0.0)
    result = total if made.activation is None else activate(made.activation, total)
    return NumberOrigin(
        layer, place, made.doing, made.values, sources, made.weights, made.bias, made.activation, total, result
    )


def input_layers(layer: Any) -> list[str]:
    """The names of the layers that a layer takes its numbers from."""
    nodes = layer._inbound_nodes
    return [tensor._keras_history.operation.name for tensor in nodes[0].input_tensors] if nodes else []
