"""Statistics of whole data sets for the Images page, cached and shared by all visitors."""

from functools import lru_cache

import numpy as np
import streamlit as st

from cnn.data import catalog, duplicates, statistics
from cnn.data.split import EncodedImages
from pages.components.data_uri import thumbnail


@st.cache_data(max_entries=9, show_spinner="Looking at every image once …")
def image_measures(name: str, split: str) -> statistics.ImageMeasures:
    """Brightness, contrast and distance from the class mean of each image of a split, and the mean images."""
    return statistics.measure_images(catalog.load(name, split), len(catalog.info(name).class_names))


@st.cache_data(max_entries=9, show_spinner="Looking for images that are there twice …")
def duplicate_images(name: str) -> list[tuple[int, int]]:
    """(position in training, position in test) of each pair of identical images."""
    return duplicates.find_duplicates(catalog.load(name, "train"), catalog.load(name, "test"))


@st.cache_data(max_entries=9, show_spinner="Comparing every training image with every test image …")
def near_duplicate_images(name: str) -> list[duplicates.NearDuplicate]:
    """Near duplicates, the most alike first: ``first`` in training, ``second`` in test."""
    return duplicates.find_near_duplicates(catalog.load(name, "train"), catalog.load(name, "test"))


@lru_cache(maxsize=1024)  # a page of the gallery looks 24 up: 3 ms less than in Streamlit's caches
def image_thumbnail(name: str, split: str, position: int, side: int) -> tuple[bytes, tuple[int, int]]:
    """An image of a split as a PNG file of at most ``side`` pixels a side, and its own (height, width)."""
    image = catalog.load(name, split).image(position)
    return thumbnail(image, side), (image.shape[0], image.shape[1])


@st.cache_data(max_entries=9, show_spinner="Reading the size of every photo …")
def image_sizes(name: str, split: str) -> np.ndarray:
    """(height, width) of every image of a split of photos: int64 (N, 2), in the split's order."""
    photos = catalog.load(name, split)
    assert isinstance(photos.images, EncodedImages)
    return np.array([photos.images.size(int(index)) for index in photos.indices])
