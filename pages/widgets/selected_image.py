"""The selected network, and the image selected on a page with the network's answer for it."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from cnn.data.photo_code import PhotoReading
from cnn.errors import CnnError
from cnn.model.predict import to_model_input
from cnn.model.store import Card
from pages.shell import selection
from pages.shell.page_layout import plain_notice
from pages.shell.weights_note import show_weights_note
from pages.widgets import model_cache
from pages.widgets.image_strip.kept_pictures import look_at
from pages.widgets.image_strip.strip import choose_images
from pages.widgets.missing_network import offer_training


class SelectedImage(NamedTuple):
    """An image and a network's answer for it.

    Attributes:
        card: of the network.
        model: the Keras model, read-only.
        name: of the image.
        image: uint8 (H, W, C), as the layers get it: with pixels shuffled if the model was trained that way.
        probabilities: float32 (classes,), the answer.
        reading: how its file was read, for the code that does the same.
    """

    card: Card
    model: Any
    name: str
    image: np.ndarray
    probabilities: np.ndarray
    reading: PhotoReading = PhotoReading()


def selected_network() -> Card:
    """The card of the selected model; without one the page says so and stops.

    Raises:
        ModelError: it has been deleted since, or is damaged.
    """
    if selection.model() is None:
        offer_training()
        st.stop()
    card = selection.selected_card()
    show_weights_note(card.config.get("base"))
    return card


def select_image(card: Card | None = None) -> SelectedImage | None:
    """Show the strip of images; None while there is no image. Without a network, the page says so and stops.

    Args:
        card: of the network; None for the selected one.
    """
    card = card or selected_network()
    try:
        source = next(iter(choose_images(card)), None)
        picture = look_at(source, card.input_shape) if source is not None else None
    except CnnError as error:
        plain_notice(error)
        return None
    if source is None or picture is None:
        return None
    probabilities = model_cache.predict_one(card)(picture.seen[None])[0]
    image = to_model_input(card, picture.seen[None])[0]
    model, reading = model_cache.keras_model(card), PhotoReading(picture.decoding)
    return SelectedImage(card, model, source.name, image, probabilities, reading)
