"""What several pages load, kept between reruns and shared by all visitors; every cache has a bound."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis import samples
from cnn.analysis.excitement import Excitement, excitement
from cnn.analysis.probe import Probe, probe
from cnn.data import catalog
from cnn.data.layout import EncodedImages
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.predict import Predict, predictor


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
    """What every layer of a model makes of one image, as ``cnn.analysis.probe`` gives it; to look at, never to change.

    Args:
        image: uint8 (H, W, C), of the model's input size.
    """
    return _numbers(card.id, card.created, np.ascontiguousarray(image).tobytes())


@st.cache_data(max_entries=16, show_spinner="Showing it test images …")
def _excitement(id: str, created: float, layer: str, count: int) -> Excitement:
    test = catalog.load(store.card(id).dataset, "test")
    return excitement(probe(_model(id, created), [layer]), layer, test.take, count)


def excitement_of(card: store.Card, layer: str, count: int) -> Excitement:
    """How strongly the filters of a layer answer to the first ``count`` test images of the model's data set."""
    return _excitement(card.id, card.created, layer, count)


@st.cache_data(max_entries=8, show_spinner=False)
def _mistakes(id: str, created: float) -> tuple[np.ndarray, np.ndarray]:
    answers = np.load(store.card(id).folder / "test_probabilities.npy").astype(np.float32)
    labels = catalog.load(store.card(id).dataset, "test").labels
    wrong = np.flatnonzero(answers.argmax(axis=1) != labels)
    return wrong[np.argsort(-answers[wrong].max(axis=1), kind="stable")], answers


def mistakes(card: store.Card) -> tuple[np.ndarray, np.ndarray]:
    """The test images a model gets wrong, the most confident mistake first.

    Returns:
        (int64 (M,) positions in the test split, float32 (N, classes) the answers for all of it).

    Raises:
        DatasetError: its data set is not prepared.
        ModelError: its answers were not kept, or are damaged.
    """
    try:
        return _mistakes(card.id, card.created)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The answers that “{card.title}” gave to the test images were not kept, or are damaged. "
            "Train it again to see its mistakes."
        ) from error


@st.cache_data(max_entries=8, show_spinner=False)
def _held_out_answers(id: str, created: float) -> tuple[np.ndarray, np.ndarray]:
    answers = np.load(store.card(id).folder / "validation_probabilities.npy").astype(np.float32)
    return answers, catalog.load(store.card(id).dataset, "validation").labels


def held_out_answers(card: store.Card) -> tuple[np.ndarray, np.ndarray]:
    """A model's probabilities for the validation images, float32 (N, classes), and their labels, int64 (N,).

    Raises:
        DatasetError: its data set is not prepared.
        ModelError: they were not kept, or are damaged.
    """
    try:
        return _held_out_answers(card.id, card.created)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The answers that “{card.title}” gave to the held-out images were not kept, or are damaged. "
            "Train it again."
        ) from error


@st.cache_data(max_entries=9, show_spinner="Looking at every image once …")
def measures(name: str, split: str) -> samples.Measures:
    """How bright, contrasting and unusual each image of a split is, and the mean image of each class."""
    return samples.measures(catalog.load(name, split), len(catalog.info(name).class_names))


@st.cache_data(max_entries=9, show_spinner="Looking for images that are there twice …")
def duplicates(name: str) -> list[tuple[int, int]]:
    """(position in training, position in test) of images that are the same, pixel for pixel."""
    return samples.duplicates(catalog.load(name, "train"), catalog.load(name, "test"))


@st.cache_data(max_entries=9, show_spinner="Reading the size of every photo …")
def sizes(name: str, split: str) -> np.ndarray:
    """(height, width) of every image of a split of photos, int64 (N, 2), in its order."""
    part = catalog.load(name, split)
    assert isinstance(part.images, EncodedImages)
    return np.array([part.images.size(int(index)) for index in part.indices])
