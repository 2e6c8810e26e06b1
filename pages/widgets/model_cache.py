"""Results from saved models that several pages need, cached across reruns and visitors; every cache is bounded."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.top_images import MaxActivations, max_activations
from cnn.data import catalog
from cnn.errors import DamagedFileError, ModelError
from cnn.model import store
from cnn.model.final_exam import scored_split
from cnn.model.predict import Predict, predictor, to_model_input
from cnn.model.store import Card
from cnn.model.summary import summary_text
from cnn.requests.models import has_answers
from cnn.stored_files import read_array
from pages.server.model_memory import models
from pages.shell.text import literal

_Function = TypeVar("_Function")
BY_CARD: dict[str | type, Any] = {Card: lambda card: (card.fingerprint, card.dataset)}
"""``hash_funcs`` for cached functions that take a card: one entry per training of each model.

The data set is part of it, because its images may be open to one visitor and closed to another.
"""


def keras_model(card: Card) -> Any:
    """The Keras model, shared by all visitors: read-only.

    Raises:
        ModelError: its file is damaged.
    """
    return models.model(_key(card), partial(_load, card))


def function_of(
    card: Card, name: Hashable, build: Callable[[Any], _Function], *, traces: int = 1, copies: int = 0
) -> _Function:
    """What ``build`` makes of a card's model, built once and shared by all visitors, see ``ModelMemory.function``.

    Raises:
        ModelError: its file is damaged, or the model does not suit ``build``.
    """
    return models.function(_key(card), partial(_load, card), name, build, traces=traces, copies=copies)


def predict_function(card: Card) -> Predict:
    """A model's function from images to probabilities.

    Raises:
        ModelError: its file is damaged.
    """
    return function_of(card, "predict", lambda model: predictor(model, card.pixel_seed))


def _key(card: Card) -> tuple[str, str]:
    return str(card.folder), card.fingerprint


def _load(card: Card) -> Any:
    with st.spinner("Loading the network …"):
        return store.load_file(card)


@st.cache_data(max_entries=512, show_spinner=False, hash_funcs=BY_CARD)
def _probabilities(card: Card, image: bytes) -> np.ndarray:
    return predict_function(card)(np.frombuffer(image, np.uint8).reshape(1, *card.input_shape))


def predict_one(card: Card) -> Predict:
    """As ``predict_function``, for one image at a time: what a network was asked before is not computed again.

    Raises:
        ModelError: its file is damaged.
    """
    predict_function(card)  # says now, and not with the first image, that the file is damaged
    return lambda image: _probabilities(card, image.tobytes())


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=BY_CARD)
def summary(card: Card) -> str:
    """What ``model.summary()`` prints.

    Raises:
        ModelError: its file is damaged.
    """
    return summary_text(keras_model(card))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CARD)
def _outputs(card: Card, image: bytes) -> dict[str, np.ndarray]:
    outputs_of = function_of(card, "outputs", layer_outputs)
    return outputs_of(np.frombuffer(image, np.uint8).reshape(1, *card.input_shape))


def outputs_of_every_layer(card: Card, image: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs of every layer for one image, as ``layer_outputs`` returns them: read-only.

    Args:
        image: uint8 (H, W, C), of the model's input size.
    """
    return _outputs(card, np.ascontiguousarray(image).tobytes())


@st.cache_data(max_entries=64, show_spinner="Showing it test images …", hash_funcs=BY_CARD)
def max_activations_of(card: Card, layer: str, count: int) -> MaxActivations:
    """The highest activations of a layer's filters on the first ``count`` test images of the model's data set."""
    test = catalog.load(card.dataset, "test")
    outputs_of = layer_outputs(keras_model(card), [layer])
    return max_activations(
        outputs_of, layer, lambda positions: to_model_input(card, test.fitted(positions, card.input_shape)), count
    )


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_CARD)
def _answers(card: Card, split: str) -> tuple[np.ndarray, np.ndarray]:
    labels = catalog.load(card.dataset, split).labels
    file = card.folder / f"{split}_probabilities.npy"
    return read_array(file, (len(labels), len(card.class_names)), 0, 1).astype(np.float32), labels


def answers(card: Card, split: str) -> tuple[np.ndarray, np.ndarray]:
    """A model's answers for the images of a split, stored after its training.

    Args:
        split: "validation" or "test".

    Returns:
        Probabilities float32 (N, classes) and true labels int64 (N,), in the order of the split.

    Raises:
        DatasetError: its data set is not prepared.
        ModelError: the answers were not stored, or are damaged.
    """
    try:
        return _answers(card, split)
    except DamagedFileError as error:
        advice = "Train it again to see them." if has_answers(card) else "Evaluation can ask it again."
        raise ModelError(
            f"The answers that “{literal(card.title)}” gave to the {split} images were not kept, or are "
            f"damaged. {advice}"
        ) from error


def mistakes(card: Card) -> tuple[np.ndarray, np.ndarray]:
    """The images of ``scored_split`` that a model misclassifies, the most confident mistake first.

    Returns:
        Their positions in that split, int64 (M,), and the probabilities for the whole split, float32 (N, classes).

    Raises:
        DatasetError, ModelError: as for ``answers``.
    """
    probabilities, labels = answers(card, scored_split(card))
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")], probabilities
