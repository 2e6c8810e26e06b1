"""Images: page through the images that a network learns from, and inspect one closely."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.split import Split
from cnn.data.statistics import sort_positions
from cnn.keras_code.training import loading_code
from pages.components.image_picker import Choice, image_picker
from pages.lessons.images import dataset_cache
from pages.lessons.images.dataset_overview import show_overview
from pages.lessons.images.image_detail import show_image_detail
from pages.lessons.images.own_images import own_images_view
from pages.shell import selection
from pages.shell.page_layout import as_keras_code, further_reading, page_header, prose, try_this
from pages.widgets import dataset_preparation, linked_inputs

IMAGES_PER_PAGE = 24
VIEWS = {"gallery": "Browse", "set": "Overview", "own": "Bring your own images"}
SPLITS = {"train": "Training", "validation": "Validation (practice exam)", "test": "Test (final exam)"}
SORTS = {
    "original": "Original order",
    "dark": "darkest first",
    "bright": "brightest first",
    "flat": "least contrast first",
    "contrast": "most contrast first",
    "average": "Most typical first",
    "unusual": "most unusual of its class first",
}
PHOTO_SORTS = {**SORTS, "small": "smallest first", "large": "largest first"}
ALL_CLASSES = "all"

page_header("Images", "What does the network learn from?", page="images")


def sort_gallery(name: str, split_name: str, split: Split, sort: str, positions: np.ndarray) -> np.ndarray:
    """``positions`` in the order ``sort``, a key of ``PHOTO_SORTS``."""
    if sort == "original":
        return positions
    if sort in ("small", "large"):
        return sort_positions(
            dataset_cache.image_sizes(name, split_name).prod(axis=1), positions, largest_first=sort == "large"
        )
    measures = dataset_cache.image_measures(name, split_name)
    values = {
        "dark": measures.brightness,
        "bright": measures.brightness,
        "flat": measures.contrast,
        "contrast": measures.contrast,
    }.get(sort, measures.distance_from_mean)
    return sort_positions(values, positions, largest_first=sort in ("bright", "contrast", "unusual"))


def gallery_view(dataset: catalog.DatasetInfo) -> None:
    """Show the gallery, and the image chosen in it."""
    has_photos = dataset.shape[0] is None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split_name = linked_inputs.choice("images.split", "Which images", SPLITS, width=250)
        classes = {ALL_CLASSES: "all classes", **{label: label for label in dataset.class_names}}
        class_name = linked_inputs.choice("images.class", "Class", classes, width=200)
        sort = linked_inputs.choice("images.sort", "Order", PHOTO_SORTS if has_photos else SORTS, width=270)
    split = catalog.load(dataset.name, split_name)
    positions = np.arange(len(split))
    if class_name != ALL_CLASSES:
        positions = np.flatnonzero(split.labels == dataset.class_names.index(class_name))
    positions = sort_gallery(dataset.name, split_name, split, sort, positions)
    pages = max(1, -(-len(positions) // IMAGES_PER_PAGE))
    if st.session_state.get("images.page", 1) > pages:
        del st.session_state["images.page"]
    page = st.pagination(pages, key="images.page")
    shown = positions[(page - 1) * IMAGES_PER_PAGE : page * IMAGES_PER_PAGE].tolist()
    first = (page - 1) * IMAGES_PER_PAGE + 1
    with st.container(key="images.range"):
        st.caption(f"Images {first:,} to {first + len(shown) - 1:,} of {len(positions):,}. Choose one to look closer.")
    choices = []
    for position in shown:
        label = dataset.class_names[int(split.labels[position])]
        image = split.image(position)
        size = f" · {image.shape[1]} × {image.shape[0]}" if has_photos else ""
        choices.append(Choice(position, image, label + size, f"{label}, image {position + 1}"))
    key = f"images.chosen.{dataset.name}.{split_name}"
    clicked = image_picker(
        "Images of this page", choices, st.session_state.get(key), 144 if has_photos else 96, key="images.tiles"
    )
    if clicked is not None:
        st.session_state[key] = clicked
    chosen = st.session_state.get(key)
    if chosen is not None and chosen < len(split):
        show_image_detail(dataset.name, split, split_name, chosen)


name = selection.dataset()
dataset = catalog.info(name)
prose(f"**{dataset.title}.** {dataset.about}")
view = linked_inputs.choice("images.view", "View", VIEWS, width=250)
if view == "own":
    own_images_view()
elif not catalog.is_prepared(name):
    dataset_preparation.offer_preparation(name)
else:
    if view == "set":
        show_overview(name)
    else:
        gallery_view(dataset)
    height, width, channels = dataset.shape
    size = "photos of every size" if height is None else f"{height} × {width} pixels"
    depth = "one number a pixel (grey)" if channels == 1 else "three numbers a pixel (red, green, blue)"
    prose(
        f"**What to notice.** {size[0].upper()}{size[1:]}, {depth}, each number from 0 to 255. That is all a network "
        "gets. Three sets that share no image: it learns from the first, we check it on the second while it learns, "
        "and the third is kept for the end."
    )

try_this(
    [
        "Look at one class only, the most unusual first. Which of them would *you* find hard?",
        "Choose an image and move over its pixels. Which numbers make white, and which make yellow?",
        "Is the image most like it of the same class? Pixels alone are a poor judge.",
        "Choose another data set in the sidebar: digits, shapes, photos.",
    ]
)
as_keras_code(loading_code(dataset))
st.caption(f"Licence: {dataset.licence}. Source: {dataset.citation}")
further_reading([("TensorFlow Datasets: the catalogue", "https://www.tensorflow.org/datasets/catalog/overview")])
