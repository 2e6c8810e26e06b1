"""How a network came to be what it is: its filters, maps and answers after each epoch whose weights a run has kept.

Where none were kept there are the two ends: what it began with, made again from its layers' seeds, and the model.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnn.analysis.attribution import attribution
from cnn.analysis.feature_maps import map_layers
from cnn.analysis.probe import probe
from cnn.analysis.reach import first_weights
from cnn.analysis.studies import Found, Report, Settings, ShouldStop, progress
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.arithmetic import multiply_adds
from cnn.model.predict import as_given, predictor
from cnn.training.config import TrainConfig
from cnn.training.epochs import kept, weights_file
from cnn.training.queue import JobStopped

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
        heat: float32 (h, w): Grad-CAM, or, without a convolution, the gradient; see ``cnn.analysis.attribution``.
    """

    epoch: int
    weights: np.ndarray
    maps: dict[str, np.ndarray]
    probabilities: np.ndarray
    heat: np.ndarray


def weights_of(card: store.Card) -> dict[int, Path | None]:
    """The files of weights by epoch: those that a run kept, else the two ends; None is what its seeds make."""
    epochs = kept(card.folder)
    return {epoch: weights_file(card.folder, epoch) for epoch in epochs} or {0: None, card.epochs: card.file}


def shown_layers(model: "keras.Model") -> list[str]:
    """At most ``LAYERS`` convolutions and poolings, evenly through the network, the first and the last among them."""
    layers = map_layers(model)
    places = np.linspace(0, len(layers) - 1, min(LAYERS, len(layers))).round().astype(int)
    return [layers[place] for place in places]


def moments(model: "keras.Model", files: Mapping[int, Path | None], image: np.ndarray, number: int) -> Iterator[Moment]:
    """A network at each of its epochs, in their order.

    Args:
        model: of the run; it is not changed.
        files: weights by epoch, see ``weights_of``.
        image: uint8 (H, W, C), as the model's layers get it.
        number: the class whose evidence ``heat`` shows.

    Raises:
        ModelError: the weights of an epoch are gone or damaged.
    """
    layers = shown_layers(model)
    copy = beginning(model)
    ask, predict = probe(copy, layers), predictor(copy)
    explain = attribution(copy, "grad-cam" if layers else "gradient")
    for epoch in sorted(files):
        _load(copy, files[epoch], epoch)
        maps = ask(image[None]) if layers else {}
        yield Moment(
            epoch,
            first_weights(copy),
            {name: maps[name][0] for name in layers},
            predict(image[None])[0],
            explain(image[None], number)[0],
        )


def answers(
    card: store.Card, report: Report = lambda event: None, should_stop: ShouldStop = lambda: False
) -> np.ndarray:
    """What a network said to its first ``HELD_OUT`` validation images after each epoch that was kept.

    Returns:
        int16 (epochs, N): the class it named.

    Raises:
        DatasetError: the data set is not prepared.
        ModelError: damaged.
        JobStopped: ``should_stop`` said so.
    """
    files, images = weights_of(card), held_out(card)
    copy = beginning(store.load_file(card))
    predict = predictor(copy)
    said = []
    for done, epoch in enumerate(sorted(files)):
        if should_stop():
            raise JobStopped
        report(progress("Asking it after every epoch", done, len(files), "epochs"))
        _load(copy, files[epoch], epoch)
        parts = [predict(images[start : start + 250]) for start in range(0, len(images), 250)]
        said.append(np.concatenate(parts).argmax(axis=1))
    return np.array(said, np.int16)


def held_out(card: store.Card) -> np.ndarray:
    """The validation images that ``answers`` asks about, as the model's layers get them: uint8 (N, H, W, C)."""
    validation = catalog.load(card.dataset, "validation")
    return as_given(card, validation.take(range(min(HELD_OUT, len(validation)))))


def billions(card: store.Card) -> float:
    """How many billion multiplications and additions ``answers`` takes: what decides whether it is a job."""
    each = multiply_adds(TrainConfig.from_dict(card.config).network, card.input_shape, len(card.class_names))
    return each * min(HELD_OUT, len(catalog.load(card.dataset, "validation"))) * len(weights_of(card)) / 1e9


def study(card: store.Card, settings: Settings, report: Report, should_stop: ShouldStop) -> Found:
    """``answers`` as a study."""
    return {"said": answers(card, report, should_stop)}


def beginning(model: "keras.Model") -> "keras.Model":
    """A network as it was before any training: its layers anew, whose initializers have seeds of their own."""
    import keras

    return keras.models.clone_model(model)


def _load(copy: "keras.Model", file: Path | None, epoch: int) -> None:
    if file is None:  # the first of its epochs: it is still what it began with
        return
    try:
        copy.load_weights(file)
    except Exception as error:  # HDF5 and Keras raise whatever their parts raise; the file is not usable.
        raise ModelError(
            f"The weights kept after epoch {epoch} are gone or damaged. Train the network again to see how it became "
            "what it is."
        ) from error
