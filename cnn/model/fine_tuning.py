"""Fine-tuning: how many layers of a base learn as well, and what that takes."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cnn.model.pretrained_bases import BASES, HEAD, POOL, base_model, with_head

if TYPE_CHECKING:
    import keras


def unfreeze(model: "keras.Model", layers: int) -> None:
    """Let the last ``layers`` layers of a model's base learn, and its head; those before stay as they are.

    Batch normalisation stays frozen, and so works with what it has measured before: with the few images of a
    fine-tuning its means would run away from what the layers above have learned.

    Args:
        model: of ``with_head``; changed in place. Compile it afterwards.
        layers: counted from the top of the base, 0 for the head alone.

    Source: TensorFlow documentation, "Transfer learning and fine-tuning".
    """
    import keras

    base = [layer for layer in model.layers if layer.name not in (POOL, HEAD)]
    model.trainable = True
    line = len(base) - layers
    for place, layer in enumerate(base):
        layer.trainable = place >= line and not isinstance(layer, keras.layers.BatchNormalization)


def trainable_parameters(model: "keras.Model") -> int:
    """How many weights of a model learn."""
    return sum(int(weight.shape.num_elements() or 0) for weight in model.trainable_weights)


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder of fine-tuning.

    Attributes:
        layers: how many layers of the base learn, counted from its top.
        parameters: weights of the base that learn then.
        share: of the base's multiplications, those of these layers, 0..1.
    """

    layers: int
    parameters: int
    share: float


@cache
def fine_tuning_ladder(name: str) -> tuple[Rung, ...]:
    """The rungs that make sense for a base, from its top down: none, a few blocks, everything.

    Args:
        name: one of ``BASES``; its weights need not be here.
    """
    model = with_head(base_model(name, weights=False), 2)
    costs = [_multiplications(layer) for layer in model.layers]
    head = trainable_parameters_at(model, 0)
    steps = (0, 10, 30, 60, 100) if BASES[name].layers > 100 else (0, 8, 16)
    rungs = []
    for layers in (*steps, BASES[name].layers):
        above = costs[BASES[name].layers - layers : BASES[name].layers]
        rungs.append(Rung(layers, trainable_parameters_at(model, layers) - head, sum(above) / sum(costs)))
    return tuple(rungs)


def trainable_parameters_at(model: "keras.Model", layers: int) -> int:
    """How many weights learn after ``unfreeze(model, layers)``, which is done."""
    unfreeze(model, layers)
    return trainable_parameters(model)


def _multiplications(layer: "keras.Layer") -> int:
    """For one image; what is no convolution costs next to nothing."""
    kernel = next(
        (weight for weight in layer.weights if weight.path.endswith("kernel") and len(weight.shape) == 4), None
    )
    if kernel is None:
        return 0
    _, height, width, channels = layer.output.shape
    rows, columns, inputs, filters = kernel.shape
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    return int(height * width * rows * columns * (channels if depthwise else inputs * filters))
