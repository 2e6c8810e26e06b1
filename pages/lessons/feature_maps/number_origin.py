"""Where a number comes from: the arithmetic behind one activation, and the path from the prediction to a pixel."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.activations.number_origin import NumberOrigin, number_origin
from cnn.data.images import CHANNEL_NAMES
from cnn.errors import ModelError
from pages.components.number_origin import number_origin_view
from pages.lessons.feature_maps.layers import show_receptive_field
from pages.shell.page_layout import plain_notice, prose
from pages.shell.text import literal
from pages.widgets.gallery import GalleryImage, gallery

Step = tuple[str, tuple[int, ...]]
"""A layer, and the position of one activation in its output: (row, column, channel) or (index,)."""
_PATH, _PATH_MODEL = "maps.chain", "maps.chain.of"
_FOLLOW = "Choose a number to see where *it* comes from."


def show_number_origin(
    id: str, model: Any, outputs: dict[str, np.ndarray], start: Step, image: np.ndarray, class_names: tuple[str, ...]
) -> None:
    """Show what the number at ``start`` was computed from, and follow the visitor's choices down to the pixels.

    Args:
        id: of the model; a path through another model is dropped.
        outputs: every layer's output for ``image``, with a batch axis of 1.
        image: uint8 (H, W, C), as the layers get it.
    """
    path = _current_path(id, start)
    if len(path) > 1:
        with st.container(horizontal=True):
            for i, step in enumerate(path[:-1]):
                label = _name(*step, model, class_names)
                st.button(label, key=f"maps.back.{i}", on_click=_go_back, args=(i,), type="tertiary")
    layer, position = path[-1]
    with st.container(key="maps.step"):
        st.markdown(f"**{_name(layer, position, model, class_names)}**: {_text(float(outputs[layer][0][position]))}")
    if layer == model.layers[0].name:
        _show_pixel(image, *position[:2])
        return
    try:
        origin = number_origin(model, outputs, layer, position)
    except ModelError as error:
        plain_notice(error)
        return
    left, right = st.columns([2.4, 1], gap="large")
    with left:
        prose(describe_origin(origin), key="maps.sum")
        clicked = number_origin_view(origin, _channel_names(origin, image.shape[2], model), key="maps.origin")
    with right:
        show_receptive_field(model, layer, position, image)
    if clicked is not None and (source := origin.sources[clicked]) is not None:
        st.session_state[_PATH] = [*path, source]
        st.rerun()


def describe_origin(origin: NumberOrigin) -> str:
    """The arithmetic behind one number, in a sentence."""
    count, result = origin.values.size, _text(origin.result)
    match origin.operation:
        case "copy":
            return f"The number before, as it is: {result}."
        case "activation":
            return f"{origin.activation} makes {result} of {_text(float(origin.values[0]))}."
        case "scale":
            weight = 1.0 if origin.weights is None else float(origin.weights[0])
            return f"{_text(float(origin.values[0]))} × {_text(weight)} + {_text(origin.bias or 0.0)} = {result}"
        case "largest" | "average":
            inside = int((~np.isnan(origin.values)).sum())
            return f"The {origin.operation} of the {inside} numbers under the window is {result}. {_FOLLOW}"
    terms = "numbers" if origin.weights is None else "products"
    sentence = f"{count:,} {terms} add up to {_text(float(origin.channel_sums.sum()))}"
    if origin.bias is not None:
        sentence += f"; with the bias {_text(origin.bias)} that is {_text(origin.total)}"
    if origin.activation is not None:
        sentence += f"; {origin.activation} makes {result} of it"
    return f"{sentence}. {_FOLLOW}"


def _current_path(id: str, start: Step) -> list[Step]:
    """The visitor's path from ``start``; a new one after a change of start or model."""
    path: list[Step] = st.session_state.get(_PATH) or []
    if not path or path[0] != start or st.session_state.get(_PATH_MODEL) != id:
        path = [start]
    st.session_state[_PATH], st.session_state[_PATH_MODEL] = path, id
    return path


def _show_pixel(image: np.ndarray, row: int, column: int) -> None:
    """The end of the path: one pixel, with the rest of the image darkened."""
    marked = np.round(0.35 * image).astype(np.uint8)
    marked[row, column] = image[row, column]
    prose("A pixel of the picture itself, between 0 and 255: here the way ends.", key="maps.pixel")
    gallery([GalleryImage(marked, "there it is", f"The pixel in row {row + 1}, column {column + 1}")], 192)


def _channel_names(origin: NumberOrigin, colours: int, model: Any) -> list[str]:
    """The channels of a window: maps, or the ``colours`` of the image."""
    inside = [source for source in origin.sources.ravel().tolist() if source is not None]
    image_layers = {layer.name for layer in model.layers[:2]}
    if origin.values.ndim < 3:
        return []
    if origin.values.shape[2] == 1 and inside:
        return [f"map {inside[0][1][-1] + 1}"]
    if inside and inside[0][0] in image_layers and origin.values.shape[2] == colours:
        return list(CHANNEL_NAMES[colours])
    return [f"map {i + 1}" for i in range(origin.values.shape[2])]


def _name(layer: str, position: tuple[int, ...], model: Any, class_names: tuple[str, ...]) -> str:
    if len(position) == 3:
        shows_image = layer in {x.name for x in model.layers[:2]}
        colours = CHANNEL_NAMES.get(model.input_shape[-1]) if shows_image else None
        channel = colours[position[2]] if colours else f"map {position[2] + 1}"
        return f"{layer}, {channel}, row {position[0] + 1}, column {position[1] + 1}"
    if layer == model.layers[-1].name and model.output_shape[-1] == 1:
        return f"score of {literal(class_names[1])}, below zero for {literal(class_names[0])}"
    if layer == model.layers[-1].name and len(class_names) > position[0]:
        return f"score of {literal(class_names[position[0]])}"
    return f"{layer}, number {position[0] + 1}"


def _text(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _go_back(i: int) -> None:
    st.session_state[_PATH] = st.session_state[_PATH][: i + 1]
