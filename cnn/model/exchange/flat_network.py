"""A network from elsewhere as one flat list of layers, and its end: the scores before they become probabilities."""

from dataclasses import dataclass, replace
from typing import Any

from cnn.errors import ModelError

IMAGE = 0  # the number of the tensor that is the image itself


@dataclass(frozen=True)
class FlatLayer:
    """One call of a layer.

    Attributes:
        name: unique in the flat network.
        kind: one of ``LAYERS``.
        settings: keyword arguments of the layer's class, plain values.
        inputs: numbers of its input tensors; the layer at position i of ``FlatNetwork.layers`` makes tensor i + 1.
        path: (name of each model around it and of itself), as in the file, from the outside.
        store: the same path as Keras 3 names it in a ``.weights.h5`` file, such as "layers/functional/layers/conv2d".
    """

    name: str
    kind: str
    settings: dict[str, Any]
    inputs: tuple[int, ...]
    path: tuple[str, ...]
    store: str


@dataclass(frozen=True)
class FlatNetwork:
    """A network from one image to scores.

    Attributes:
        name: the model's, safe to display.
        input_shape: (height, width, channels).
        layers: in an order in which each comes after its inputs.
        output: number of the tensor that is the answer.
        ending: "logits", "softmax" or "sigmoid": what the last layer did with the scores; that is taken off here.
        left_out: kinds of layers that only act while training.
        repeated: names of layers that were used several times.
    """

    name: str
    input_shape: tuple[int, int, int]
    layers: tuple[FlatLayer, ...]
    output: int
    ending: str
    left_out: tuple[str, ...]
    repeated: tuple[str, ...]


def without_probabilities(layers: list[FlatLayer], output: int, network: str) -> tuple[list[FlatLayer], int, str]:
    """The network up to its scores (logits), and what its end made of them."""
    tensor = output
    while tensor != IMAGE:
        layer = layers[tensor - 1]
        activation = layer.settings.get("activation", "linear")
        if layer.kind == "Softmax" or (layer.kind == "Activation" and activation != "linear"):
            ending = "softmax" if layer.kind == "Softmax" else activation
            _check_ending(ending, network)
            moved = [
                replace(other, inputs=tuple(layer.inputs[0] if i == tensor else i for i in other.inputs))
                for other in layers
            ]
            return moved, layer.inputs[0] if output == tensor else output, ending
        if layer.kind not in ("Activation", "Dropout", "Flatten", "Reshape"):
            break
        tensor = layer.inputs[0]
    else:
        raise ModelError(f"{network} has no layer that makes an answer of the image: refused.")
    if activation == "linear":
        return layers, output, "logits"
    _check_ending(activation, network)
    layers[tensor - 1] = replace(layer, settings={**layer.settings, "activation": "linear"})
    return layers, output, activation


def _check_ending(activation: str, network: str) -> None:
    if activation not in ("softmax", "sigmoid"):
        raise ModelError(
            f"{network} ends in the activation {activation}, and a score for each class is expected: linear, softmax, "
            "or sigmoid for two classes."
        )
