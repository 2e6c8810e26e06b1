"""The gallery of a data set's images, a page at a time, and the image that is looked at closely beside it."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.split import Split
from cnn.data.statistics import sort_positions
from pages.components.image_picker import Choice, clicked_image, image_picker
from pages.components.over_the_page import over_the_page
from pages.lessons.images import dataset_cache
from pages.lessons.images.image_detail import show_image_detail
from pages.shell import permalink
from pages.widgets import linked_inputs

IMAGES_PER_PAGE = 24
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
    choices, side = [], 144 if has_photos else 96
    for position in shown:
        label = dataset.class_names[int(split.labels[position])]
        image, (height, width) = dataset_cache.image_thumbnail(dataset.name, split_name, position, side)
        size = f" · {width} × {height}" if has_photos else ""
        choices.append(Choice(position, image, label + size, f"{label}, image {position + 1}"))
    chosen = read_chosen(dataset.name, split_name, len(split))
    beside = st.columns([1, 1.1], gap="large") if chosen is not None else [st.container()]
    with beside[0]:
        image_picker(
            "Images of this page",
            choices,
            chosen,
            side,
            key="images.tiles",
            on_choose=choose_image,
        )
    if chosen is not None:
        with beside[1], st.container(key="images.detail"):
            st.button("Close", key="images.close", icon=":material/close:", type="tertiary", on_click=close_image)
            over_the_page(
                "A closer look",
                part="images.detail",
                close="images.close",
                gallery="images.tiles",
                image=chosen,
                key="images.over",
            )
            show_image_detail(dataset.name, split, split_name, chosen)


def read_chosen(name: str, split_name: str, count: int) -> int | None:
    """Position of the image to look at closely, from the address; None while there is none, or for another split."""
    text = permalink.read_text("images.image")
    of = (name, split_name)
    if permalink.value_in_link("images.image") is None and st.session_state.setdefault("images.image_of", of) != of:
        text = ""
    st.session_state["images.image_of"] = of
    position = int(text) - 1 if text.isascii() and text.isdecimal() and 0 < len(text) < 10 else -1
    is_here = 0 <= position < count
    permalink.write_text("images.image", text if is_here else "")
    return position if is_here else None


def choose_image() -> None:
    """Put the image that was clicked into the address, where *Back* finds the gallery again."""
    permalink.choose_text("images.image", str(int(clicked_image("images.tiles") or 0) + 1))


def close_image() -> None:
    """Take the image that is looked at closely out of the address."""
    permalink.choose_text("images.image", "")
