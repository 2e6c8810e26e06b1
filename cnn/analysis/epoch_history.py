"""How a network came to be what it is: its filters, maps and answers after each epoch whose weights a run has kept.

Where none were kept there are the two ends: what it began with, made again from its layers' seeds, and the model.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnn.analysis.activations.feature_maps import map_layers
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.receptive_field import first_weights
from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.batches import in_batches
from cnn.analysis.studies import Settings, StudyResult
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.predict import as_layers_get_it, predictor
from cnn.progress import Report, ShouldStop, progress, raise_if_stopped
from cnn.training.epoch_weights import kept_epochs, weights_file

if TYPE_CHECKING:
    import keras

LAYERS = 6
HELD_OUT = 1_000


class Moment(NamedTuple):
    """A network after some epochs, and what it then made of one image.

    Attributes:
        epoch: 0 before any training.
        weights: float32 (units, h, w, C), of its first layer.
        maps: {layer: float32 (h, w, filters)}, see ``shown_layers``.
        probabilities: float32 (classes,).
        heat: float32 (h, w): Grad-CAM, or, without a convolution, the gradient; see ``attribution.gradients``.
    """

    epoch: int
    weights: np.ndarray
    maps: dict[str, np.ndarray]
    probabilities: np.ndarray
    heat: np.ndarray


Moments = Callable[[Mapping[int, Path | None], np.ndarray, int], list[Moment]]
"""(weights by epoch, image, class) -> the network at each of these epochs, see ``moments``."""


def weights_of(card: store.Card) -> dict[int, Path | None]:
    """The files of weights by epoch: those that a run kept, else the two ends; None is what its seeds make.

    Of a network on a pretrained base that kept nothing only the end is there: no seed makes what the base had learned.
    """
    if epochs := kept_epochs(card.folder):
        return {epoch: weights_file(card.folder, epoch) for epoch in epochs}
    ends: dict[int, Path | None] = {0: None, card.epochs: card.file}
    if "base" in card.config:
        del ends[0]
    return ends


def shown_layers(model: "keras.Model") -> list[str]:
    """At most ``LAYERS`` convolutions and poolings, evenly through the network, the first and the last among them."""
    layers = map_layers(model)
    places = np.linspace(0, len(layers) - 1, min(LAYERS, len(layers))).round().astype(int)
    return [layers[place] for place in places]


def moments(model: "keras.Model") -> Moments:
    """A function that shows a network at its epochs. Make one a model and keep it: making it takes longest, seconds for
    a deep network.

    Args:
        model: of the run; it is not changed.

    Returns:
        (weights by epoch, see ``weights_of``; an image uint8 (H, W, C), as the model's layers get it; the class whose
        evidence ``heat`` shows) -> the moments in the order of their epochs. It may be called by several threads, and
        raises ModelError where the weights of an epoch are gone or damaged.
    """
    layers = shown_layers(model)
    copy = beginning(model)
    untrained = copy.get_weights()
    ask, predict = layer_outputs(copy, layers), predictor(copy)
    explain = attribution(copy, "grad-cam" if layers else "gradient")
    one_at_a_time = Lock()

    def shown(files: Mapping[int, Path | None], image: np.ndarray, number: int) -> list[Moment]:
        found = []
        with one_at_a_time:
            for epoch in sorted(files):
                _load(copy, files[epoch], epoch, untrained)
                maps = ask(image[None]) if layers else {}
                named = {name: maps[name][0] for name in layers}
                answer, heat = predict(image[None])[0], explain(image[None], number)[0]
                found.append(Moment(epoch, first_weights(copy), named, answer, heat))
        return found

    return shown


def answers(
    card: store.Card, report: Report = lambda event: None, should_stop: ShouldStop = lambda: False
) -> np.ndarray:
    """What a network said to its first ``HELD_OUT`` validation images after each epoch that was kept.

    Returns:
        int16 (epochs, N): the class it named.

    Raises:
        DatasetError: the data set is not prepared.
        ModelError: damaged.
        Stopped: ``should_stop`` said so.
    """
    files, images = weights_of(card), held_out(card)
    copy = beginning(store.load_file(card))
    untrained, predict = copy.get_weights(), predictor(copy)
    said = []
    for done, epoch in enumerate(sorted(files)):
        raise_if_stopped(should_stop)
        report(progress("Asking it after every epoch", done, len(files), "epochs"))
        _load(copy, files[epoch], epoch, untrained)
        said.append(in_batches(predict, images).argmax(axis=1))
    return np.array(said, np.int16)


def held_out(card: store.Card) -> np.ndarray:
    """The validation images that ``answers`` asks about, as the model's layers get them: uint8 (N, H, W, C)."""
    validation = catalog.load(card.dataset, "validation")
    return as_layers_get_it(card, validation.fitted(range(min(HELD_OUT, len(validation))), card.input_shape))


def billions(card: store.Card, model: "keras.Model") -> float:
    """How many billion multiplications and additions ``answers`` takes: what decides whether it is a job."""
    kernels = [layer for layer in model.layers if hasattr(layer, "kernel")]
    each = sum(math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape) for layer in kernels)
    return each * min(HELD_OUT, len(catalog.load(card.dataset, "validation"))) * len(weights_of(card)) / 1e9


def study(card: store.Card, settings: Settings, report: Report, should_stop: ShouldStop) -> StudyResult:
    """``answers`` as a study."""
    return {"said": answers(card, report, should_stop)}


def beginning(model: "keras.Model") -> "keras.Model":
    """A network as it was before any training: its layers anew, whose initializers have seeds of their own."""
    import keras

    return keras.models.clone_model(model)


def _load(copy: "keras.Model", file: Path | None, epoch: int, untrained: list[np.ndarray]) -> None:
    if file is None:  # no file: it is what it began with
        copy.set_weights(untrained)
        return
    try:
        copy.load_weights(file)
    except Exception as error:  # HDF5 and Keras raise whatever their parts raise; the file is not usable.
        raise ModelError(
            f"The weights kept after epoch {epoch} are gone or damaged. Train the network again to see how it became "
            "what it is."
        ) from error
