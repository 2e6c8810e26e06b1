"""The network in hand, and the picture that a page looks at it with: chosen, fitted to it, and answered."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from cnn.errors import CnnError
from cnn.model.predict import Predict, answer_photo, as_given
from cnn.model.store import Card
from pages.shell import selection
from pages.shell.page_layout import notice
from pages.widgets import model_cache
from pages.widgets.image_input import pictures, ways_in


class InHand(NamedTuple):
    """A picture and the network in hand.

    Attributes:
        model: the Keras model, to look at, never to change.
        name: of the picture.
        image: uint8 (H, W, C), as its layers get it: shuffled where it learned from shuffled pixels.
        probabilities: float32 (classes,), its answer.
    """

    card: Card
    model: Any
    name: str
    image: np.ndarray
    probabilities: np.ndarray


def network_in_hand() -> tuple[Card, Predict]:
    """The card of the model in hand and its function; without one the page says so and stops.

    Raises:
        ModelError: damaged.
    """
    id = selection.model()
    if id is None:
        notice("There is no network yet. Train one first: it takes a few seconds.")
        st.page_link("training.py", label="Train one")
        st.stop()
    return model_cache.network(id)


def picture_in_hand(page: str, network: tuple[Card, Predict] | None = None) -> InHand | None:
    """Show the ways in; None while there is no picture, which has been said. Stops the page while there is no network.

    Args:
        page: prefix of the page's widget keys.
        network: which one looks at it; None for the one in hand.
    """
    card, predict = network or network_in_hand()
    ways, key = ways_in(card), f"{page}.source"
    if st.session_state.get(key) not in ways:
        st.session_state[key] = ways[0]
    way = st.segmented_control("Where from", ways, key=key, required=True, label_visibility="collapsed")
    try:
        photos = pictures(str(way), card, page)
    except CnnError as error:
        notice(str(error))
        return None
    if not photos:
        return None
    name, photo = photos[0]
    answer = answer_photo(predict, card, photo)
    return InHand(card, model_cache.keras_model(card), name, as_given(card, answer.seen[None])[0], answer.probabilities)
