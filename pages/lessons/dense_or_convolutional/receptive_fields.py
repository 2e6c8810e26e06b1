"""The view *What one unit sees*: receptive fields of the compared networks, and their first layers' weights."""

import streamlit as st

from cnn.analysis.activations.feature_maps import map_layers
from cnn.analysis.activations.receptive_field import first_weights, receptive_field
from cnn.data.builtin.shape_drawing import NAMES
from cnn.figures.filters import filter_images, spotlight
from cnn.figures.mosaic import mosaic, png
from pages.components.data_uri import png_data_uri
from pages.lessons.dense_or_convolutional.networks import load_network, object_at_positions
from pages.shell.page_layout import prose, section
from pages.widgets import linked_inputs
from pages.widgets.gallery import GalleryImage, gallery

IMAGE = (32, 32, 3)


def receptive_fields_view() -> None:
    """Show the receptive field of one activation per layer, and the weights of the first layers."""
    _show_receptive_fields()
    _show_first_weights()
    prose(
        "**What to notice.** A dense unit holds a whole picture in its weights, a ghost of its training images, and "
        "fits at one place only. A filter is a tiny pattern that slides: what it learns in one place it knows anywhere."
    )


def _show_receptive_fields() -> None:
    """Frame, layer by layer, the pixels that one activation of the simple CNN depends on."""
    image = object_at_positions(NAMES.index("star"), 1).images[12]
    fraction = linked_inputs.whole("dense.place", "From left to right, in per cent", range(101), 50, width=260) / 100
    network = load_network("cifar10", "tutorial")
    tiles = []
    for number, layer in enumerate(map_layers(network), 1):
        _, height, width, _ = network.get_layer(layer).output.shape
        rows, columns = receptive_field(network, layer, height // 2, round(fraction * (width - 1)))
        name = f"{number} · {'pooling' if layer.startswith('pool') else 'convolution'}"
        size = f"{rows.stop - rows.start} × {columns.stop - columns.start}"
        tiles.append(
            GalleryImage(spotlight(image, rows, columns), f"{name}: {size}", f"One number of {name} sees {size}")
        )
    tiles.append(GalleryImage(image, "dense: all of it", "One unit of the dense network sees the whole image"))
    with st.container(key="dense.units"):
        section("**What one number can see**, layer by layer in the simple CNN, last in the fully connected network")
    st.caption(
        "The professional word: receptive field. Behind *Flatten* the convnet's dense layers see everything too."
    )
    gallery(tiles, side=128)


def _show_first_weights() -> None:
    """Show the weights of the first layer of the dense network and of the simple CNN as images."""
    dense, filters = (first_weights(load_network("cifar10", name)) for name in ("dense", "tutorial"))
    section("**The weights they look with**, learned from CIFAR-10; mid-grey is zero")
    left, right = st.columns([3, 1], gap="large")
    with left:
        st.image(
            png_data_uri(png(mosaic(filter_images(dense), 10, factor=2))),
            alt=f"The {len(dense)} units of the dense network: each has a weight for every pixel and colour",
            caption=f"{len(dense)} dense units: {dense[0].size:,} weights each, one for every number of the image",
        )
    with right:
        st.image(
            png_data_uri(png(mosaic(filter_images(filters), 6, factor=12))),
            alt=f"The {len(filters)} filters of the convnet: three by three weights in three colours",
            caption=f"{len(filters)} filters: {filters[0].size} weights each, used at every place",
        )
