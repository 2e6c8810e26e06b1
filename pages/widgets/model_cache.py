"""What several pages ask of a saved model, kept between reruns and shared by all visitors; every cache is bounded."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.activations.layer_outputs import LayerOutputs, layer_outputs
from cnn.analysis.activations.top_images import MaxActivations, max_activations
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.predict import Predict, as_layers_get_it, predictor
from cnn.model.store import Card

BY_CARD: dict[str | type, Any] = {Card: lambda card: card.fingerprint}
"""``hash_funcs`` for a cache whose function takes a card: one entry for each training of each model."""


@st.cache_resource(max_entries=8, show_spinner="Loading the network …", hash_funcs=BY_CARD)
def keras_model(card: Card) -> Any:
    """The Keras model itself, shared by all visitors: to look at, never to change.

    Raises:
        ModelError: damaged.
    """
    return store.load_file(card)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CARD)
def predict_function(card: Card) -> Predict:
    """A model's function from images to probabilities.

    Raises:
        ModelError: damaged.
    """
    return predictor(keras_model(card), card.pixel_seed)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_CARD)
def _probe(card: Card) -> LayerOutputs:
    return layer_outputs(keras_model(card))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CARD)
def _numbers(card: Card, image: bytes) -> dict[str, np.ndarray]:
    return _probe(card)(np.frombuffer(image, np.uint8).reshape(1, *card.input_shape))


def outputs_of_every_layer(card: Card, image: np.ndarray) -> dict[str, np.ndarray]:
    """What every layer of a model makes of one image, as ``layer_outputs`` gives it; to look at, never to change.

    Args:
        image: uint8 (H, W, C), of the model's input size.
    """
    return _numbers(card, np.ascontiguousarray(image).tobytes())


@st.cache_data(max_entries=64, show_spinner="Showing it test images …", hash_funcs=BY_CARD)
def max_activations_of(card: Card, layer: str, count: int) -> MaxActivations:
    """How strongly the filters of a layer answer to the first ``count`` test images of the model's data set."""
    test = catalog.load(card.dataset, "test")
    ask = layer_outputs(keras_model(card), [layer])
    return max_activations(
        ask, layer, lambda places: as_layers_get_it(card, test.fitted(places, card.input_shape)), count
    )


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_CARD)
def _answers(card: Card, split: str) -> tuple[np.ndarray, np.ndarray]:
    probabilities = np.load(card.folder / f"{split}_probabilities.npy").astype(np.float32)
    return probabilities, catalog.load(card.dataset, split).labels


def answers(card: Card, split: str) -> tuple[np.ndarray, np.ndarray]:
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
        return _answers(card, split)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The answers that “{card.title}” gave to the {split} images were not kept, or are damaged. "
            "Train it again to see them."
        ) from error


def mistakes(card: Card) -> tuple[np.ndarray, np.ndarray]:
    """The test images a model gets wrong, the most confident mistake first.

    Returns:
        (int64 (M,) positions in the test split, float32 (N, classes) the answers for all of it).

    Raises:
        DatasetError, ModelError: as for ``answers``.
    """
    probabilities, labels = answers(card, "test")
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")], probabilities
