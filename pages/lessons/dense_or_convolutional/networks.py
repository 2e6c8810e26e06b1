"""The networks that *Dense or convolutional?* compares, their stored measurements and the object they classify."""

from typing import Any

import streamlit as st

from cnn.analysis.evaluation.shifts import ObjectPositions, draw_at_positions
from cnn.model import store
from cnn.model.predict import Predict
from cnn.model.presets import network_title
from cnn.pretrained import comparison_results
from pages.widgets import model_cache

TITLES = {name: network_title(name) for name in ("dense", "tutorial", "tutorial-global")}
LINES = "Dotted: the fully connected network. Dashed: the simple CNN. Solid: the one with global pooling."


def in_sentence(title: str) -> str:
    """A network's title as it is written within a sentence, such as "simple CNN"."""
    return title[:1].lower() + title[1:]


def load_network(dataset: str, network: str) -> Any:
    """A compared network, shared by all visitors: read-only."""
    return model_cache.keras_model(_card(dataset, network))


def predict_function(dataset: str, network: str) -> Predict:
    """The prediction function of a compared network."""
    return model_cache.predict_function(_card(dataset, network))


def _card(dataset: str, network: str) -> store.Card:
    return store.card_in(comparison_results.folder(dataset, network))


@st.cache_data(max_entries=1, show_spinner=False)
def load_measurements() -> dict[str, Any]:
    """The stored measurements of the compared networks; see ``train_comparison.main`` for their form."""
    return comparison_results.measured()


@st.cache_data(max_entries=64, show_spinner=False)
def object_at_positions(label: int, seed: int) -> ObjectPositions:
    """One object drawn at every position from left to right.

    Args:
        label: the object's class, an index into ``cnn.data.builtin.shape_drawing.NAMES``.
        seed: of its form, size, colours and background.
    """
    return draw_at_positions(label, seed)
