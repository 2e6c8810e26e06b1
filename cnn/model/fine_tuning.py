"""Fine-tuning: unfreezing the last layers of a base, and what that costs."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cnn.model.pretrained_bases import BASES, HEAD, POOL, base_model, with_head

if TYPE_CHECKING:
    import keras


def unfreeze(model: "keras.Model", layers: int) -> None:
    """Make the head and the last ``layers`` layers of the base trainable, and freeze the layers before them.

    Batch normalisation stays frozen and keeps its moving averages: on the few images of a fine-tuning run they would
    drift away from what the layers after it were trained on.

    Args:
        model: returned by ``with_head``; changed in place. Compile it afterwards.
        layers: number of base layers, counted from its output; 0 trains the head alone.

    Source: TensorFlow documentation, "Transfer learning and fine-tuning".
    """
    import keras

    base = [layer for layer in model.layers if layer.name not in (POOL, HEAD)]
    model.trainable = True
    first_trainable = len(base) - layers
    for index, layer in enumerate(base):
        layer.trainable = index >= first_trainable and not isinstance(layer, keras.layers.BatchNormalization)


def trainable_parameters(model: "keras.Model") -> int:
    """Number of trainable parameters of a model."""
    return sum(int(weight.shape.num_elements() or 0) for weight in model.trainable_weights)


@dataclass(frozen=True)
class Rung:
    """One depth of fine-tuning.

    Attributes:
        layers: number of trainable layers, counted from the output of the base.
        parameters: number of trainable parameters in them.
        fraction: their fraction of the base's multiplications, 0..1.
    """

    layers: int
    parameters: int
    fraction: float


@cache
def fine_tuning_ladder(name: str) -> tuple[Rung, ...]:
    """Sensible depths of fine-tuning for a base, from none over a few blocks to the whole base.

    Args:
        name: one of ``BASES``; its weights need not be on this machine.
    """
    model = with_head(base_model(name, weights=False), 2)
    multiplications = [_multiplications(layer) for layer in model.layers]
    head_parameters = _trainable_parameters_at(model, 0)
    steps = (0, 10, 30, 60, 100) if BASES[name].layers > 100 else (0, 8, 16)
    rungs = []
    for layers in (*steps, BASES[name].layers):
        unfrozen = multiplications[BASES[name].layers - layers : BASES[name].layers]
        parameters = _trainable_parameters_at(model, layers) - head_parameters
        rungs.append(Rung(layers, parameters, sum(unfrozen) / sum(multiplications)))
    return tuple(rungs)


def _trainable_parameters_at(model: "keras.Model", layers: int) -> int:
    """Number of trainable parameters after ``unfreeze(model, layers)``, which changes the model."""
    unfreeze(model, layers)
    return trainable_parameters(model)


def _multiplications(layer: "keras.Layer") -> int:
    """Multiplications for one image; only convolutions count, as the others cost next to nothing."""
    kernel = next(
        (weight for weight in layer.weights if weight.path.endswith("kernel") and len(weight.shape) == 4), None
    )
    if kernel is None:
        return 0
    _, height, width, channels = layer.output.shape
    rows, columns, inputs, filters = kernel.shape
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    return int(height * width * rows * columns * (channels if depthwise else inputs * filters))
