"""A worksheet: one picture of a network's data set, and tasks about what the network makes of it."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.convolution.first_layer import first_convolution
from cnn.analysis.worksheet import tasks
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model.predict import predictor, to_model_input, top_classes
from cnn.model.store import Card

if TYPE_CHECKING:
    import keras

_CANDIDATES = 24  # pictures among which the one is chosen
_UNSURE = 0.7  # an answer that leaves something to read off the bars


class Worksheet(NamedTuple):
    """What is on a worksheet; the same card and seed give the same one.

    Attributes:
        position: of the picture in the validation split.
        image: uint8 (H, W, C), the picture as the network gets it.
        label: name of its class.
        answer: names of the most probable classes and their probabilities, 0..1, highest first.
        side: of the picture in pixels, for ``sizes``.
    """

    seed: int
    position: int
    image: np.ndarray
    label: str
    answer: list[tuple[str, float]]
    side: int
    convolution: tasks.ConvolutionTask
    sizes: list[tasks.SizeQuestion]
    pooling: tasks.PoolingTask
    matching: tasks.MatchingTask
    parameters: list[tasks.ParameterTask]


def make_worksheet(card: Card, model: "keras.Model", seed: int) -> Worksheet:
    """Choose a picture and make the tasks.

    The picture is a validation image: the final exam stays sealed, and a worksheet does not change when it is opened.

    Args:
        model: of ``card``.
        seed: 0 or more.

    Raises:
        DatasetError: the network's data set is not prepared.
        ModelError: the network has no convolution to begin with, or one that cannot be worked out by hand.
    """
    first = first_convolution(model)
    if first is None:
        raise ModelError("A worksheet needs a network that begins with a convolution; choose another network.")
    rng = np.random.default_rng(seed)
    split = catalog.load(card.dataset, "validation")
    positions = rng.choice(len(split), min(_CANDIDATES, len(split)), replace=False)
    images = split.fitted(positions, card.input_shape)
    probabilities = predictor(model, card.pixel_seed)(images)
    chosen = int(np.abs(probabilities.max(axis=1) - _UNSURE).argmin())
    image = to_model_input(card, images[chosen : chosen + 1])[0]
    layer = _first_convolution_layer(model)
    maps = layer_outputs(model, [layer])(image[None])[layer][0]
    position = int(positions[chosen])
    return Worksheet(
        seed,
        position,
        image,
        card.class_names[int(split.labels[position])],
        top_classes(card, probabilities[chosen], 4),
        image.shape[1],
        tasks.convolution_task(image, first, rng),
        tasks.size_questions(image.shape[1], first.window),
        tasks.pooling_task(maps[..., int(maps.max(axis=(0, 1)).argmax())]),
        tasks.matching_task(first.kernels, maps, rng),
        tasks.parameter_tasks(model),
    )


def _first_convolution_layer(model: "keras.Model") -> str:
    import keras

    return next(layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
