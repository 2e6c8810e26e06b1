"""What several pages load, kept between reruns and shared by all visitors; every cache has a bound."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.activations.layer_outputs import Probe, probe
from cnn.analysis.activations.top_images import Excitement, excitement
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.predict import Predict, as_given, predictor


@st.cache_resource(max_entries=8, show_spinner="Loading the network …")
def _model(id: str, created: float) -> Any:
    return store.load_file(store.card(id))


@st.cache_resource(max_entries=8, show_spinner=False)
def _predictor(id: str, created: float) -> Predict:
    return predictor(_model(id, created), store.card(id).pixel_seed)


def keras_model(card: store.Card) -> Any:
    """The Keras model itself, shared by all visitors: to look at, never to change.

    Raises:
        ModelError: damaged.
    """
    return _model(card.id, card.created)


def network(id: str) -> tuple[store.Card, Predict]:
    """A model's card and its function from images to probabilities.

    Raises:
        ModelError: unknown or damaged.
    """
    card = store.card(id)
    return card, _predictor(id, card.created)


@st.cache_resource(max_entries=4, show_spinner=False)
def _probe(id: str, created: float) -> Probe:
    return probe(_model(id, created))


@st.cache_resource(max_entries=8, show_spinner=False)
def _numbers(id: str, created: float, image: bytes) -> dict[str, np.ndarray]:
    shape = store.card(id).input_shape
    return _probe(id, created)(np.frombuffer(image, np.uint8).reshape(1, *shape))


def every_number(card: store.Card, image: np.ndarray) -> dict[str, np.ndarray]:
    """What every layer of a model makes of one image, as ``layer_outputs`` gives it; to look at, never to change.

    Args:
        image: uint8 (H, W, C), of the model's input size.
    """
    return _numbers(card.id, card.created, np.ascontiguousarray(image).tobytes())


@st.cache_data(max_entries=64, show_spinner="Showing it test images …")
def _excitement(id: str, created: float, layer: str, count: int) -> Excitement:
    card = store.card(id)
    test = catalog.load(card.dataset, "test")
    ask = probe(_model(id, created), [layer])
    return excitement(ask, layer, lambda places: as_given(card, test.fitted(places, card.input_shape)), count)


def excitement_of(card: store.Card, layer: str, count: int) -> Excitement:
    """How strongly the filters of a layer answer to the first ``count`` test images of the model's data set."""
    return _excitement(card.id, card.created, layer, count)


@st.cache_data(max_entries=16, show_spinner=False)
def _answers(id: str, created: float, split: str) -> tuple[np.ndarray, np.ndarray]:
    card = store.card(id)
    probabilities = np.load(card.folder / f"{split}_probabilities.npy").astype(np.float32)
    return probabilities, catalog.load(card.dataset, split).labels


def answers(card: store.Card, split: str) -> tuple[np.ndarray, np.ndarray]:
    """What a model said to the images of a split when it had been trained.

    Args:
        split: "validation" or "test".

    Returns:
        (float32 (N, classes) probabilities, int64 (N,) true labels), in the order of the split.

    Raises:
        DatasetError: its data set is not prepared.
        ModelError: its answers were not kept, or are damaged.
    """
    try:
        return _answers(card.id, card.created, split)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The answers that “{card.title}” gave to the {split} images were not kept, or are damaged. "
            "Train it again to see them."
        ) from error


def mistakes(card: store.Card) -> tuple[np.ndarray, np.ndarray]:
    """The test images a model gets wrong, the most confident mistake first.

    Returns:
        (int64 (M,) positions in the test split, float32 (N, classes) the answers for all of it).

    Raises:
        DatasetError, ModelError: as for ``answers``.
    """
    probabilities, labels = answers(card, "test")
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")], probabilities
