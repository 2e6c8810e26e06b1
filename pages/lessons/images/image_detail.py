"""One image of a data set in detail: pixels, colour channels, network input, histogram and nearest images."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.images import CHANNEL_NAMES, fit_to
from cnn.data.split import Split
from cnn.data.statistics import histograms, nearest_images
from cnn.figures.histogram import histogram_chart
from cnn.figures.mosaic import png
from cnn.files import safe_file_name
from pages.components.pixel_inspector import pixel_inspector
from pages.shell.page_layout import section
from pages.shell.text import literal
from pages.shell.theme import palette
from pages.widgets.charts.chart import show_chart
from pages.widgets.gallery import GalleryImage, gallery

NEIGHBOURS = 8


def show_image_detail(name: str, split: Split, split_name: str, position: int) -> None:
    """Show the image at ``position`` of a split."""
    dataset_info, image = catalog.info(name), split.image(position)
    label = dataset_info.class_names[int(split.labels[position])]
    with st.container(key="images.chosen_title"):
        st.header(f"A closer look: {literal(label)}, image {position + 1:,}", anchor=False)
    pixel_inspector(f"{label}, image {position + 1}, enlarged", image, key="images.pixels")
    file_name = f"{safe_file_name(dataset_info.title)}, {split_name} {position + 1}.png"
    st.download_button("Download this image", png(image), file_name, "image/png", key="images.file")
    if image.shape[2] == 3:
        section("**Its three colours** · channels", level=3)
        gallery(_channel_tiles(image, label), side=96, key="images.channels")
    shape = catalog.network_shape(name)
    if shape != image.shape:
        section("**The original, and what a network gets**", level=3)
        size = f"{image.shape[1]} × {image.shape[0]} pixels"
        gallery(
            [
                GalleryImage(image, size, f"The original, {size}"),
                GalleryImage(fit_to(image, shape), f"{shape[1]} × {shape[0]} pixels", "What a network gets"),
            ],
            side=192,
            key="images.original_and_input",
        )
    section("**Most like it, pixel by pixel**, among these images", level=3)
    gallery(_nearest_tiles(split, dataset_info.class_names, position), side=80, key="images.nearest")
    section("**How many pixels have which value** · histogram", level=3)
    for channel, counts in zip(CHANNEL_NAMES[image.shape[2]], histograms(image), strict=True):
        show_chart(
            histogram_chart,
            counts,
            channel,
            palette(),
            key=f"images.histogram.{channel}",
            alt=f"Histogram, {channel}: from 0, dark, to 255, bright.",
        )


def _channel_tiles(image: np.ndarray, label: str) -> list[GalleryImage]:
    tiles = []
    for channel, name in enumerate(CHANNEL_NAMES[3]):
        plane = np.zeros_like(image)
        plane[..., channel] = image[..., channel]
        tiles.append(GalleryImage(plane, name, f"{label}, {name} alone"))
    return tiles


def _nearest_tiles(split: Split, class_names: tuple[str, ...], position: int) -> list[GalleryImage]:
    nearest = nearest_images(split, split.take([position])[0], NEIGHBOURS + 1)
    tiles = []
    for neighbour in [other for other in nearest if other != position][:NEIGHBOURS]:
        label = class_names[int(split.labels[neighbour])]
        same = split.labels[neighbour] == split.labels[position]
        tiles.append(
            GalleryImage(
                split.take([neighbour])[0], label, f"{label}, image {neighbour + 1}", "right" if same else "wrong"
            )
        )
    return tiles
