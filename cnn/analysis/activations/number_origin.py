"""How one number of a network is computed from the numbers of the layer before.

Computed in NumPy from the weights and the layer's input, independently of Keras; the result must match the network's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.analysis.activations.layer_arithmetic import ARITHMETIC, LayerArithmetic, Position, activate, is_covered
from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class NumberOrigin:
    """The computation of one number.

    Attributes:
        layer: name of the layer whose output it is in.
        position: its position in that output.
        operation: of the layer: "convolution", "depthwise convolution", "largest", "average", "scale", "activation",
            "addition", "dense" or "copy".
        values: float64, the inputs: (n, n, channels) for a window, otherwise (n,); NaN in the padding.
        sources: object, shaped like ``values``: (layer, position) of each input, None in the padding.
        weights: shaped like ``values``; None where the layer has none.
        bias: None where the layer has none.
        activation: applied last, such as "relu"; None where there is none.
        total: the value before the activation.
        result: the number.
    """

    layer: str
    position: Position
    operation: str
    values: np.ndarray
    sources: np.ndarray
    weights: np.ndarray | None
    bias: float | None
    activation: str | None
    total: float
    result: float

    @property
    def products(self) -> np.ndarray:
        """Values times weights, 0 in the padding; the values themselves where there are no weights."""
        values = np.nan_to_num(self.values)
        return values if self.weights is None else values * self.weights

    @property
    def channel_sums(self) -> np.ndarray:
        """The sum of the products of each channel, float64 (channels,); without a window, the products themselves."""
        return self.products.sum(axis=(0, 1)) if self.values.ndim == 3 else self.products


def number_origin(
    model: "keras.Model", outputs: Mapping[str, np.ndarray], layer: str, position: Position
) -> NumberOrigin:
    """Recompute the number at a position of a layer's output.

    Args:
        model: made of layers that this app builds, or of those of MobileNetV2.
        outputs: of every layer, from ``layer_outputs(model)`` for a batch of one image.
        layer: name of a layer.
        position: (row, column, channel), or (unit,).

    Raises:
        ModelError: no such layer or position, or a kind of layer that is not covered here.
    """
    if layer not in outputs:
        raise ModelError(f"This network has no layer called “{layer[:40]}”.")
    shape = outputs[layer].shape[1:]
    if len(position) != len(shape) or not all(0 <= i < side for i, side in zip(position, shape, strict=True)):
        raise ModelError(f"The layer {layer} has numbers at {' x '.join(map(str, shape))} places, none at {position}.")
    keras_layer = model.get_layer(layer)
    before = input_layers(keras_layer)
    inputs = [outputs[name][0].astype(np.float64) for name in before]
    kind = type(keras_layer).__name__
    if kind not in ARITHMETIC:
        raise ModelError(f"How a layer of kind {kind} makes a number is not explained here; choose another layer.")
    if not is_covered(keras_layer):
        raise ModelError(
            f"How the layer {layer} makes a number with its settings is not explained here; choose another."
        )
    parts: LayerArithmetic = ARITHMETIC[kind](keras_layer, inputs, position)
    sources = np.empty(parts.values.shape, object)
    for index, source in np.ndenumerate(parts.positions):
        sources[index] = None if source is None else (before[0 if len(before) == 1 else index[0]], source)
    products = np.nan_to_num(parts.values) * (1 if parts.weights is None else parts.weights)
    total = parts.total if parts.total is not None else float(products.sum()) + (parts.bias or 0.0)
    return NumberOrigin(
        layer,
        position,
        parts.operation,
        parts.values,
        sources,
        parts.weights,
        parts.bias,
        parts.activation,
        total,
        result=total if parts.activation is None else activate(parts.activation, total),
    )


def input_layers(layer: Any) -> list[str]:
    """The names of a layer's input layers."""
    nodes = layer._inbound_nodes
    return [tensor._keras_history.operation.name for tensor in nodes[0].input_tensors] if nodes else []
