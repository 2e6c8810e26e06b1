"""A network's layers as mosaics, one layer's maps, and one map over the image it answers to."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.activations.feature_maps import blocks
from cnn.analysis.activations.receptive_field import receptive_field
from cnn.analysis.activations.top_images import top_images
from cnn.data import catalog
from cnn.figures.feature_maps import feature_map_images, limits, overlay, overview, signed_weight_images
from cnn.figures.filters import spotlight
from cnn.figures.mosaic import enlarge_to, mosaic
from cnn.model.predict import as_layers_get_it
from cnn.model.store import Card
from pages.components.image_picker import Choice, image_picker
from pages.components.number_grid import number_grid
from pages.shell import permalink
from pages.shell.page_layout import notice, prose
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery

SHOWN = 64
LAYERS_AT_ONCE = 40
LOOKED_AT, EXCITING = 1_000, 8
LARGE, LOOKED_AT_LARGE = 64, 400  # pixels a side; larger ones are decoded for it, a millisecond each, and cost more
PARTS = {"layers": "Layer by layer", "base": "What the convolutional base hands on"}
BATCH = 32
SCALES = {"layer": "one for the whole layer", "map": "one for each map"}
ORDERS = {"number": "by their number", "strong": "the strongest answer first"}


def title(layer: str, shape: tuple[int, ...]) -> str:
    """What a layer is called here: "conv_1 · 30 × 30 × 32"."""
    return f"{layer} · {' × '.join(map(str, shape))}"


def choose_part() -> str:
    """Whether to look at every layer or at the end of the convolutional base: one of ``PARTS``."""
    key = permalink.read("maps.part", list(PARTS), "layers", label="part of the network")
    for sentence in permalink.take_problems():
        notice(sentence)
    st.segmented_control(
        "What to look at",
        list(PARTS),
        key=key,
        format_func=PARTS.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    permalink.write(key, "layers")
    return str(st.session_state[key])


def describe_volume(model: Any, layer: str, maps: np.ndarray) -> None:
    """What the feature volume of the convolutional base is, whose last layer is ``layer``."""
    rows, columns, channels = maps.shape
    names = [each.name for each in model.layers]
    after = type(model.layers[min(names.index(layer) + 1, len(names) - 1)]).__name__
    head = {
        "GlobalAveragePooling2D": f"The head gets the mean of each map, {channels:,} numbers.",
        "GlobalMaxPooling2D": f"The head gets the largest number of each map, {channels:,} numbers.",
        "Flatten": f"The head gets all of them in a row, {maps.size:,} numbers.",
    }.get(after, "")
    prose(
        f"All layers from the image to {layer} are the convolutional base; the few after it, which name the class, are "
        f"the head. One photo becomes {rows} × {columns} places of {channels:,} numbers, the array ({rows}, {columns}, "
        f"{channels}) · feature volume. In a batch of {BATCH} photos the array is ({BATCH}, {rows}, {columns}, "
        f"{channels}): the first number is the batch axis, not filters. {head}"
    )


def choose_layer(model: Any, layers: list[str], numbers: dict[str, np.ndarray]) -> str:
    """The whole network from left to right, each layer a mosaic of its maps; gives the layer in hand.

    A network of more than ``LAYERS_AT_ONCE`` layers is shown block by block.
    """
    if len(layers) > LAYERS_AT_ONCE:
        parts = blocks(model, layers)
        block = linked_inputs.choice("maps.block", "Block", {name: name for name in parts}, width=240)
        layers = parts[block]
    key = "maps.layer"
    chosen = st.session_state.get(key, 0)
    chosen = chosen if chosen < len(layers) else 0
    choices = []
    for number, layer in enumerate(layers):
        maps = numbers[layer][0]
        name = title(layer, maps.shape)
        choices.append(Choice(number, overview(maps), name, f"Layer {name}"))
    clicked = image_picker(
        "The network's layers, from the image to the answer", choices, chosen, 128, key="maps.layers"
    )
    if clicked is not None and clicked != chosen:
        st.session_state[key] = chosen = clicked
    return layers[chosen]


def choose_map(layer: str, maps: np.ndarray) -> int:
    """All maps of a layer; gives the number of the one in hand, from 0."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        each = linked_inputs.choice("maps.scale", "Scale of the colours", SCALES, width=240) == "map"
        order = linked_inputs.choice("maps.order", "Order", ORDERS, width=240)
    count = maps.shape[2]
    ranked = np.arange(count) if order == "number" else np.argsort(-maps.max(axis=(0, 1)), kind="stable")
    if count > SHOWN:
        pages = -(-count // SHOWN)
        if st.session_state.get("maps.page", 1) > pages:
            del st.session_state["maps.page"]
        page = st.pagination(pages, key="maps.page")
        ranked = ranked[(page - 1) * SHOWN : page * SHOWN]
    key = f"maps.map.{layer}"
    strongest = int(ranked[np.argmax(maps[..., ranked].max(axis=(0, 1)))])
    chosen = min(int(st.session_state.get(key, strongest)), count - 1)
    pictures = feature_map_images(maps, each=each)
    choices = [
        Choice(int(n), pictures[n], str(n + 1), f"Map {n + 1}, up to {float(maps[..., n].max()):.3g}") for n in ranked
    ]
    clicked = image_picker(f"The maps of {layer}", choices, chosen, 72, key=f"maps.tiles.{layer}")
    if clicked is not None:
        st.session_state[key] = chosen = clicked
    low, high = limits(maps)
    scale = "Every map has colours of its own" if each else f"Dark is {float(low):.3g}, yellow {float(high):.3g}"
    st.caption(f"{scale}. Choose a map.")
    return chosen


def show_map(layer: str, number: int, maps: np.ndarray, image: np.ndarray) -> tuple[int, int]:
    """A map as numbers, and laid over the image; gives the (row, column) in hand."""
    one = maps[..., number]
    key = f"maps.cell.{layer}.{number}"
    strongest = np.unravel_index(int(one.argmax()), one.shape)
    chosen = st.session_state.get(key, (int(strongest[0]), int(strongest[1])))
    chosen = min(chosen[0], one.shape[0] - 1), min(chosen[1], one.shape[1] - 1)
    picture = feature_map_images(one[..., None])[0]
    left, right = st.columns([1.1, 1], gap="large")
    with left:
        st.markdown(f"**Map {number + 1} of {layer}**: point at a number, click to see where it comes from")
        clicked = number_grid(f"Map {number + 1} of {layer}", picture, one, chosen, key="maps.cells")
        if clicked is not None:
            st.session_state[key] = chosen = clicked
    with right:
        st.markdown("**Over the picture**")
        over = GalleryImage(
            overlay(image, picture), "yellow: where it answers most", f"Map {number + 1} over the picture"
        )
        gallery([over], side=256)
    return chosen


def show_receptive_field(model: Any, layer: str, place: tuple[int, ...], image: np.ndarray) -> None:
    """What one number of a layer can see of the image."""
    row, column = (place[0], place[1]) if len(place) == 3 else (0, 0)
    rows, columns = receptive_field(model, layer, row, column)
    size = f"{rows.stop - rows.start} × {columns.stop - columns.start} pixels"
    gallery(
        [GalleryImage(spotlight(image, rows, columns), f"it can see {size}", f"What this number can see: {size}")], 192
    )


def show_filter(model: Any, layer: str, number: int) -> None:
    """The weights of the filter that makes a map, one picture for each channel it looks at."""
    kernel = getattr(model.get_layer(layer), "kernel", None)
    if kernel is None or len(kernel.shape) != 4:
        return
    weights = np.asarray(kernel)
    depthwise = type(model.get_layer(layer)).__name__ == "DepthwiseConv2D"
    weights = weights.reshape(*weights.shape[:2], -1)[..., [number]] if depthwise else weights[..., number]
    height, width, channels = weights.shape
    pictures = list(signed_weight_images(weights))
    columns = min(channels, 16)
    size = f"{height} × {width} × {channels}"
    count = height * width * channels
    st.markdown(f"**Its filter**: {size} = {count:,} weights, one picture for each channel it looks at")
    picture = mosaic([enlarge_to(each, 72 if channels <= 3 else 36) for each in pictures], columns, background=128)
    st.image(picture, alt=f"The filter's {channels} channels of {height} by {width} weights, purple below zero")
    st.caption("Purple takes away, green adds, white is zero.")


def show_top_images(card: Card, model: Any, layer: str, number: int) -> None:
    """The test images that a map answers to most, each with what the number that does can see of it."""
    if not catalog.is_prepared(card.dataset):
        return
    test = catalog.load(card.dataset, "test")
    count = min(LOOKED_AT if max(card.input_shape) <= LARGE else LOOKED_AT_LARGE, len(test))
    found = model_cache.max_activations_of(card, layer, count)
    places = top_images(found, number, EXCITING)
    shown = []
    images = as_layers_get_it(card, test.fitted(places, card.input_shape))
    for image, position in zip(images, places.tolist(), strict=True):
        row, column = found.rows[position, number], found.columns[position, number]
        seen = spotlight(image, *receptive_field(model, layer, int(row), int(column)))
        label = card.class_names[int(test.labels[position])]
        said = f"{label}, test image {position + 1}: {found.highest[position, number]:.3g}"
        shown.append(GalleryImage(seen, f"{label} {found.highest[position, number]:.3g}", said))
    st.markdown(
        f"**What excites it most** among the first {count:,} test images; lit is what made the strongest number"
    )
    gallery(shown, side=96)
