"""The three networks that *Dense or convolutional?* compares, what was measured, and the object they look at."""

from typing import Any

import streamlit as st

from cnn.analysis.evaluation.shifts import ObjectPositions, draw_at_positions
from cnn.model import store
from cnn.model.predict import Predict, predictor
from cnn.pretrained import comparison_results

TITLES = {
    "dense": "The dense network",
    "tutorial": "The tutorial's convnet",
    "tutorial-global": "A convnet with global pooling",
}
LINES = "Dotted: the dense network. Dashed: the tutorial's convnet. Solid: the convnet with global pooling."
BETWEEN = "In brackets: where nineteen of twenty other sets of test images would put it · 95 % confidence interval."


@st.cache_resource(max_entries=8, show_spinner="Loading the networks …")
def model(dataset: str, network: str) -> Any:
    """A compared network, to look at, never to change."""
    return store.load_file(store.card_in(comparison_results.folder(dataset, network)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _predict(dataset: str, network: str) -> Predict:
    return predictor(model(dataset, network))


@st.cache_data(max_entries=1, show_spinner=False)
def measured() -> dict[str, Any]:
    """What was measured of them."""
    return comparison_results.measured()


@st.cache_data(max_entries=64, show_spinner=False)
def object_at_places(label: int, seed: int) -> ObjectPositions:
    """One object at every place."""
    return draw_at_positions(label, seed)
