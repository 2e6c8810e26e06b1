"""A network's layers as mosaics, one layer's maps, and one map with its filter and top images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.activations.feature_maps import blocks
from cnn.analysis.activations.receptive_field import cell_borders, receptive_field
from cnn.analysis.activations.top_images import top_images
from cnn.data import catalog
from cnn.figures.feature_maps import feature_map_images, overlay, overview, signed_weight_images
from cnn.figures.filters import spotlight
from cnn.figures.mosaic import enlarge_to, mosaic, png
from cnn.model.predict import to_model_input
from cnn.model.store import Card
from pages.components.data_uri import png_data_uri
from pages.components.image_picker import Choice, clicked_image, image_picker
from pages.components.number_grid import number_grid
from pages.lessons.feature_maps.colours import legend, over_the_picture
from pages.shell import permalink
from pages.shell.page_layout import prose, section, show_link_problems
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery

MAX_MAPS = 64  # per page
MAX_LAYERS = 40  # side by side
TEST_IMAGES, TOP_IMAGES = 1_000, 8
LARGE_SIDE, LARGE_TEST_IMAGES = 64, 400  # larger images cost more: decoding alone takes a millisecond each
BATCH = 32
SIDE = 256  # of the picture under a map, in pixels
PARTS = {"layers": "Layer by layer", "base": "Feature volume"}
DEPTHS = ("The map", "Where does this number come from?", "Its filter", "Images that activate it most")
_DEPTH, _FOLLOW, _LAYER = "maps.depth", "maps.follow", "maps.layer"
SCALES = {"layer": "one for the whole layer", "map": "one for each map"}
ORDERS = {"number": "by their number", "strong": "the strongest answer first"}


def title(layer: str, shape: tuple[int, ...]) -> str:
    """A layer's title, for example "conv_1 · 30 × 30 × 32"."""
    return f"{layer} · {' × '.join(map(str, shape))}"


def choose_part() -> str:
    """Whether to show every layer or the end of the convolutional base: one of ``PARTS``."""
    key = permalink.read("maps.part", list(PARTS), "layers", label="part of the network")
    show_link_problems(key)
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
    """Describe the feature volume of the convolutional base.

    Args:
        layer: the last of the base.
        maps: float32 (h, w, channels), its output for the selected image.
    """
    rows, columns, channels = maps.shape
    names = [x.name for x in model.layers]
    next_layer = type(model.layers[min(names.index(layer) + 1, len(names) - 1)]).__name__
    head = {
        "GlobalAveragePooling2D": f"The head gets the mean of each map, {channels:,} numbers.",
        "GlobalMaxPooling2D": f"The head gets the largest number of each map, {channels:,} numbers.",
        "Flatten": f"The head gets all of them in a row, {maps.size:,} numbers.",
    }.get(next_layer, "")
    prose(
        f"All layers from the image to {layer} are the convolutional base; the few after it, which name the class, are "
        f"the head. One photo becomes {rows} × {columns} places of {channels:,} numbers, the array ({rows}, {columns}, "
        f"{channels}) · feature volume. In a batch of {BATCH} photos the array is ({BATCH}, {rows}, {columns}, "
        f"{channels}): the first number is the batch axis, not filters. {head}"
    )


def choose_layer(model: Any, layers: list[str], outputs: dict[str, np.ndarray]) -> str:
    """Show the network from left to right, each layer a mosaic of its maps; gives the selected layer.

    It is in the address as ``maps.layer``, so that a link opens it.
    A network of more than ``MAX_LAYERS`` layers is shown block by block.

    Args:
        layers: of ``model``, those to show.
        outputs: every layer's output for the selected image, with a batch axis of 1.
    """
    permalink.read(_LAYER, layers, layers[0], label="Layer")
    show_link_problems(_LAYER)
    selected = str(st.session_state[_LAYER])
    shown = layers
    if len(layers) > MAX_LAYERS:
        layers_of_block = blocks(model, layers)
        if permalink.value_in_link(_LAYER) is not None:
            st.session_state["maps.block"] = next(name for name, of in layers_of_block.items() if selected in of)
        shown = layers_of_block[
            linked_inputs.choice("maps.block", "Block", {name: name for name in layers_of_block}, width=240)
        ]
    if selected not in shown:
        st.session_state[_LAYER] = selected = shown[0]
    permalink.write(_LAYER, layers[0])
    choices = []
    for layer in shown:
        maps = outputs[layer][0]
        name = title(layer, maps.shape)
        choices.append(Choice(layer, overview(maps), name.replace(" · ", "\n"), f"Layer {name}"))
    image_picker(
        "The network's layers, from the image to the answer",
        choices,
        selected,
        104,
        key="maps.layers",
        in_one_row=True,
        on_choose=_choose_clicked_layer,
    )
    return selected


def _choose_clicked_layer() -> None:
    """Put the layer that was clicked into the address, where *Back* finds the one before."""
    permalink.choose_text(_LAYER, str(clicked_image("maps.layers")))


def choose_map(layer: str, maps: np.ndarray) -> int:
    """Show all maps of a layer, float32 (h, w, filters); gives the index of the selected one."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.header(f"The {maps.shape[2]} maps of {layer}", anchor=False, width="content")
        scale_per_map = linked_inputs.choice("maps.scale", "Scale of the colours", SCALES, width=240) == "map"
        order = linked_inputs.choice("maps.order", "Order", ORDERS, width=240)
    count = maps.shape[2]
    indices = np.arange(count) if order == "number" else np.argsort(-maps.max(axis=(0, 1)), kind="stable")
    if count > MAX_MAPS:
        pages = -(-count // MAX_MAPS)
        if st.session_state.get("maps.page", 1) > pages:
            del st.session_state["maps.page"]
        page = st.pagination(pages, key="maps.page")
        indices = indices[(page - 1) * MAX_MAPS : page * MAX_MAPS]
    key = f"maps.map.{layer}"
    highest = int(indices[np.argmax(maps[..., indices].max(axis=(0, 1)))])
    selected = min(int(st.session_state.get(key, highest)), count - 1)
    images = feature_map_images(maps, scale_each=scale_per_map)
    choices = [
        Choice(int(i), images[i], str(i + 1), f"Map {i + 1}, up to {float(maps[..., i].max()):.3g}") for i in indices
    ]
    clicked = image_picker(f"The maps of {layer}", choices, selected, 52, key=f"maps.tiles.{layer}")
    if clicked is not None:
        st.session_state[key] = selected = clicked
    st.caption(f"{legend(maps, scale_each=scale_per_map)} Choose a map.")
    return selected


def open_depths() -> Sequence[Any]:
    """Four tabs for what can be seen of one map; a number chosen in it opens the second, where it comes from."""
    if st.session_state.pop(_FOLLOW, False) or permalink.value_in_link("maps.begin") == "answer":
        st.session_state[_DEPTH] = DEPTHS[1]
    return st.tabs(DEPTHS, key=_DEPTH, on_change="rerun")


def show_map(model: Any, layer: str, filter_index: int, maps: np.ndarray, image: np.ndarray) -> tuple[int, int]:
    """Show a map as numbers, and laid over the image.

    Args:
        layer: of ``model``.
        filter_index: of the map, from 0.
        maps: float32 (h, w, filters).
        image: uint8 (H, W, C), as the layers get it.

    Returns:
        (row, column) of the selected number.
    """
    feature_map = maps[..., filter_index]
    key = f"maps.cell.{layer}.{filter_index}"
    highest = np.unravel_index(int(feature_map.argmax()), feature_map.shape)
    cell = st.session_state.get(key, (int(highest[0]), int(highest[1])))
    cell = min(cell[0], feature_map.shape[0] - 1), min(cell[1], feature_map.shape[1] - 1)
    map_image = feature_map_images(maps, scale_each=True)[filter_index]
    name = f"Map {filter_index + 1}"
    left, right = st.columns([1.1, 1], gap="large")
    with left:
        section(f"**{name} of {layer}**: point at a number, click to see where it comes from", level=3)
        clicked = number_grid(f"{name} of {layer}", map_image, feature_map, cell, key="maps.cells")
        if clicked is not None and clicked != cell:
            st.session_state[key], st.session_state[_FOLLOW] = clicked, True
            st.rerun()
    with right:
        section("**Over the picture**", level=3)
        overlaid = overlay(enlarge_to(image, SIDE), map_image, cell_borders(model, layer))
        gallery([GalleryImage(overlaid, over_the_picture(maps), f"{name} over the picture")], side=SIDE)
        st.caption(
            "Each square stands in the middle of the pixels that its number can see, so there may be none at the edges."
        )
    return cell


def show_receptive_field(model: Any, layer: str, position: tuple[int, ...], image: np.ndarray) -> None:
    """Light up the pixels of ``image``, uint8 (H, W, C), that one activation depends on.

    Args:
        position: (row, column, channel) of the activation in a map, else (index,).
    """
    row, column = (position[0], position[1]) if len(position) == 3 else (0, 0)
    rows, columns = receptive_field(model, layer, row, column)
    size = f"{rows.stop - rows.start} × {columns.stop - columns.start} pixels"
    seen = GalleryImage(spotlight(image, rows, columns), f"it can see {size}", f"What this number can see: {size}")
    with st.container(key="maps.seen"):
        gallery([seen], 192)


def show_filter(model: Any, layer: str, filter_index: int) -> None:
    """Show a filter's weights, one picture per input channel; nothing for a layer without filters."""
    kernel = getattr(model.get_layer(layer), "kernel", None)
    if kernel is None or len(kernel.shape) != 4:
        return
    weights = np.asarray(kernel)
    depthwise = type(model.get_layer(layer)).__name__ == "DepthwiseConv2D"
    weights = weights.reshape(*weights.shape[:2], -1)[..., [filter_index]] if depthwise else weights[..., filter_index]
    height, width, channels = weights.shape
    size = f"{height} × {width} × {channels}"
    count = height * width * channels
    section(f"**Its filter**: {size} = {count:,} weights, one picture for each channel it looks at", level=3)
    side = 72 if channels <= 3 else 36
    images = [enlarge_to(channel, side) for channel in signed_weight_images(weights)]
    picture = png(mosaic(images, min(channels, 16), background=128))
    st.image(
        png_data_uri(picture), alt=f"The filter's {channels} channels of {height} by {width} weights, purple below zero"
    )
    st.caption("Purple: negative. Green: positive. White: zero.")


def show_top_images(card: Card, model: Any, layer: str, filter_index: int) -> None:
    """The test images that activate a filter most, each with that activation's receptive field."""
    if not catalog.is_prepared(card.dataset):
        return
    test = catalog.load(card.dataset, "test")
    count = min(TEST_IMAGES if max(card.input_shape) <= LARGE_SIDE else LARGE_TEST_IMAGES, len(test))
    activations = model_cache.max_activations_of(card, layer, count)
    indices = top_images(activations, filter_index, TOP_IMAGES)
    tiles = []
    images = to_model_input(card, test.fitted(indices, card.input_shape))
    for image, index in zip(images, indices.tolist(), strict=True):
        row, column = activations.rows[index, filter_index], activations.columns[index, filter_index]
        lit = spotlight(image, *receptive_field(model, layer, int(row), int(column)))
        label = card.class_names[int(test.labels[index])]
        activation = f"{activations.highest[index, filter_index]:.3g}"
        tiles.append(GalleryImage(lit, f"{label} {activation}", f"{label}, test image {index + 1}: {activation}"))
    section(
        f"**Images that activate it most**, of the first {count:,} test images; the bright patch caused the strongest "
        "response",
        level=3,
    )
    with st.container(key="maps.exciting"):
        gallery(tiles, side=96)
