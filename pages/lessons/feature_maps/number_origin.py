"""Where does this number come from? One number taken apart, and the way from the answer down to a pixel."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.activations.number_origin import NumberOrigin, number_origin
from cnn.data.images import CHANNEL_NAMES
from cnn.errors import ModelError
from pages.components.number_origin import number_origin_view
from pages.lessons.feature_maps.layers import show_receptive_field
from pages.shell.page_layout import notice, prose
from pages.widgets.gallery import GalleryImage, gallery

Step = tuple[str, tuple[int, ...]]
_CHAIN, _OF = "maps.chain", "maps.chain.of"


def number_origin_page(
    id: str, model: Any, numbers: dict[str, np.ndarray], start: Step, image: np.ndarray, names: tuple[str, ...]
) -> None:
    """The number at ``start``, and on from there as the visitor chooses, down to the pixels.

    Args:
        id: of the model; a way through another one is forgotten.
        numbers: what every layer makes of ``image``.
        names: of the classes, for the last layer's numbers.
    """
    chain: list[Step] = st.session_state.get(_CHAIN) or []
    if not chain or chain[0] != start or st.session_state.get(_OF) != id:
        chain = [start]
    st.session_state[_CHAIN], st.session_state[_OF] = chain, id
    if len(chain) > 1:
        with st.container(horizontal=True):
            for number, step in enumerate(chain[:-1]):
                label = _name(*step, model, names)
                st.button(label, key=f"maps.back.{number}", on_click=_back, args=(number,), type="tertiary")
    layer, place = chain[-1]
    st.markdown(f"**{_name(layer, place, model, names)}**: {_text(float(numbers[layer][0][place]))}")
    if layer == model.layers[0].name:
        rows = slice(place[0], place[0] + 1), slice(place[1], place[1] + 1)
        marked = np.round(0.35 * image).astype(np.uint8)
        marked[rows] = image[rows]
        prose("A pixel of the picture itself, between 0 and 255: here the way ends.")
        gallery([GalleryImage(marked, "there it is", f"The pixel in row {place[0] + 1}, column {place[1] + 1}")], 192)
        return
    try:
        found = number_origin(model, numbers, layer, place)
    except ModelError as error:
        notice(str(error))
        return
    left, right = st.columns([2.4, 1], gap="large")
    with left:
        prose(in_words(found))
        clicked = number_origin_view(found, _channel_names(found, image.shape[2], model), key="maps.origin")
    with right:
        show_receptive_field(model, layer, place, image)
    if clicked is not None and (source := found.sources[clicked]) is not None:
        st.session_state[_CHAIN] = [*chain, source]
        st.rerun()


def in_words(found: NumberOrigin) -> str:
    """The arithmetic of one number as a sentence."""
    count, result = found.values.size, _text(found.result)
    match found.operation:
        case "copy":
            return f"The number before, as it is: {result}."
        case "activation":
            return f"{found.activation} makes {result} of {_text(float(found.values[0]))}."
        case "scale":
            weight = 1.0 if found.weights is None else float(found.weights[0])
            return f"{_text(float(found.values[0]))} × {_text(weight)} + {_text(found.bias or 0.0)} = {result}"
        case "largest" | "average":
            inside = int((~np.isnan(found.values)).sum())
            return f"The {found.operation} of the {inside} numbers under the window: {result}."
    parts = "numbers" if found.weights is None else "products"
    said = f"{count:,} {parts} add up to {_text(float(found.channel_sums.sum()))}"
    if found.bias is not None:
        said += f"; with the bias {_text(found.bias)} that is {_text(found.total)}"
    if found.activation is not None:
        said += f"; {found.activation} makes {result} of it"
    return said + ". Choose a number to see where *it* comes from."


def _channel_names(found: NumberOrigin, colours: int, model: Any) -> list[str]:
    """What the channels of a window are called: maps, or the colours of the image."""
    inside = [at for at in found.sources.ravel().tolist() if at is not None]
    first = {layer.name for layer in model.layers[:2]}
    if found.values.ndim < 3:
        return []
    if found.values.shape[2] == 1 and inside:
        return [f"map {inside[0][1][-1] + 1}"]
    if inside and inside[0][0] in first and found.values.shape[2] == colours:
        return list(CHANNEL_NAMES[colours])
    return [f"map {number + 1}" for number in range(found.values.shape[2])]


def _name(layer: str, place: tuple[int, ...], model: Any, names: tuple[str, ...]) -> str:
    if len(place) == 3:
        first = layer in {each.name for each in model.layers[:2]}
        colours = CHANNEL_NAMES.get(model.input_shape[-1]) if first else None
        channel = colours[place[2]] if colours else f"map {place[2] + 1}"
        return f"{layer}, {channel}, row {place[0] + 1}, column {place[1] + 1}"
    if layer == model.layers[-1].name and model.output_shape[-1] == 1:
        return f"score of {names[1]}, below zero for {names[0]}"
    if layer == model.layers[-1].name and len(names) > place[0]:
        return f"score of {names[place[0]]}"
    return f"{layer}, number {place[0] + 1}"


def _text(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _back(number: int) -> None:
    st.session_state[_CHAIN] = st.session_state[_CHAIN][: number + 1]
