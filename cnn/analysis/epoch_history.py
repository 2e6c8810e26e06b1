"""The history of a training run: filters, maps and predictions after each epoch whose weights were kept.

Without kept weights only two epochs are available: the initial network, recreated from its layers' seeds, and the final
model.
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
from cnn.model.predict import predictor, to_model_input
from cnn.progress import Report, ShouldStop, progress, raise_if_stopped
from cnn.training.epoch_weights import kept_epochs, weights_file

if TYPE_CHECKING:
    import keras

MAX_LAYERS = 6
MAX_IMAGES = 1_000


class EpochSnapshot(NamedTuple):
    """A network after some epochs, and its outputs for one image.

    Attributes:
        epoch: 0 before any training.
        weights: float32 (units, h, w, C), of the first layer.
        maps: {layer: float32 (h, w, filters)}, see ``shown_layers``.
        probabilities: float32 (classes,).
        heat: float32 (h, w), by ``heat_method``; see ``attribution.gradients``.
    """

    epoch: int
    weights: np.ndarray
    maps: dict[str, np.ndarray]
    probabilities: np.ndarray
    heat: np.ndarray


EpochSnapshots = Callable[[Mapping[int, Path | None], np.ndarray, int], list[EpochSnapshot]]
"""(weights files by epoch, image, class index) -> snapshots, see ``epoch_snapshots``."""


def weights_of(card: store.Card) -> dict[int, Path | None]:
    """The weights files by epoch: those that were kept, else of the first and last; None stands for initial weights.

    On a pretrained base without kept weights only the last epoch is available: seeds do not recreate a trained base.
    """
    if epochs := kept_epochs(card.folder):
        return {epoch: weights_file(card.folder, epoch) for epoch in epochs}
    ends: dict[int, Path | None] = {0: None, card.epochs: card.file}
    if "base" in card.config:
        del ends[0]
    return ends


def shown_layers(model: "keras.Model") -> list[str]:
    """At most ``MAX_LAYERS`` convolution and pooling layers, evenly spaced, including the first and the last."""
    layers = map_layers(model)
    indices = np.linspace(0, len(layers) - 1, min(MAX_LAYERS, len(layers))).round().astype(int)
    return [layers[i] for i in indices]


def heat_method(model: "keras.Model") -> str:
    """The attribution method of ``EpochSnapshot.heat``: Grad-CAM, or the gradient if there is no convolution."""
    return "grad-cam" if map_layers(model) else "gradient"


def epoch_snapshots(model: "keras.Model") -> EpochSnapshots:
    """Build a function that takes snapshots of a network at its epochs.

    Build it once per model and keep it: that takes longest, seconds for a deep network.

    Args:
        model: of the run; it is not modified.

    Returns:
        (weights files by epoch, see ``weights_of``; image uint8 (H, W, C), as the model's layers get it; index of the
        class that ``heat`` explains) -> snapshots, ascending by epoch. It is thread-safe, and raises ModelError if the
        weights of an epoch are missing or damaged.
    """
    layers = shown_layers(model)
    copy = untrained_copy(model)
    initial = copy.get_weights()
    outputs_of, predict = layer_outputs(copy, layers), predictor(copy)
    attribute = attribution(copy, heat_method(copy))
    lock = Lock()

    def take_snapshots(files: Mapping[int, Path | None], image: np.ndarray, class_index: int) -> list[EpochSnapshot]:
        batch = image[None]
        snapshots = []
        with lock:
            for epoch in sorted(files):
                _load_weights(copy, files[epoch], epoch, initial)
                outputs = outputs_of(batch) if layers else {}
                maps = {name: outputs[name][0] for name in layers}
                probabilities, heat = predict(batch)[0], attribute(batch, class_index)[0]
                snapshots.append(EpochSnapshot(epoch, first_weights(copy), maps, probabilities, heat))
        return snapshots

    return take_snapshots


def answers(
    card: store.Card, report: Report = lambda event: None, should_stop: ShouldStop = lambda: False
) -> np.ndarray:
    """The predictions for the first ``MAX_IMAGES`` validation images after each epoch that was kept.

    Returns:
        int16 (epochs, N): the predicted classes.

    Raises:
        DatasetError: the data set is not prepared.
        ModelError: the model or the weights of an epoch are damaged.
        Stopped: ``should_stop`` returned True.
    """
    files, images = weights_of(card), validation_images(card)
    copy = untrained_copy(store.load_file(card))
    initial, predict = copy.get_weights(), predictor(copy)
    predicted = []
    for done, epoch in enumerate(sorted(files)):
        raise_if_stopped(should_stop)
        report(progress("Asking it after every epoch", done, len(files), "epochs"))
        _load_weights(copy, files[epoch], epoch, initial)
        predicted.append(in_batches(predict, images).argmax(axis=1))
    return np.array(predicted, np.int16)


def validation_images(card: store.Card) -> np.ndarray:
    """The validation images that ``answers`` predicts, as the model's layers get them: uint8 (N, H, W, C)."""
    validation = catalog.load(card.dataset, "validation")
    return to_model_input(card, validation.fitted(range(min(MAX_IMAGES, len(validation))), card.input_shape))


def billion_operations(card: store.Card, model: "keras.Model") -> float:
    """The cost of ``answers`` in billions of multiply-adds, which decides whether it needs a job."""
    layers = [layer for layer in model.layers if hasattr(layer, "kernel")]
    per_image = sum(math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape) for layer in layers)
    return per_image * min(MAX_IMAGES, len(catalog.load(card.dataset, "validation"))) * len(weights_of(card)) / 1e9


def study(card: store.Card, settings: Settings, report: Report, should_stop: ShouldStop) -> StudyResult:
    """``answers`` as a study."""
    return {"said": answers(card, report, should_stop)}


def untrained_copy(model: "keras.Model") -> "keras.Model":
    """The network before any training; the seeds of its layers' initializers recreate the same weights."""
    import keras

    return keras.models.clone_model(model)


def _load_weights(copy: "keras.Model", file: Path | None, epoch: int, initial: list[np.ndarray]) -> None:
    if file is None:
        copy.set_weights(initial)
        return
    try:
        copy.load_weights(file)
    except Exception as error:  # HDF5 and Keras raise many types of exceptions for unusable files
        raise ModelError(
            f"The weights kept after epoch {epoch} are gone or damaged. Train the network again to see how it became "
            "what it is."
        ) from error
