"""Images: page through the very images a network learns from."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from pages.shared import focus, preparing
from pages.shared.gallery import Tile, gallery
from pages.shared.header import as_keras_code, further_reading, page_header, prose, try_this

A_PAGE = 24
SPLITS = {"train": "to practise · training", "validation": "practice exam · validation", "test": "final exam · test"}

page_header("Images", "What does the network learn from?", page="images")

name = focus.dataset()
known = catalog.info(name)
prose(f"**{known.title}.** {known.about}")
if not catalog.is_prepared(name):
    preparing.offer(name)
else:
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="bottom")
    split_name = left.selectbox("Which images", list(SPLITS), key="images.split", format_func=SPLITS.get)
    everything = "all classes"
    classes = [everything, *known.class_names]
    if st.session_state.get("images.class") not in classes:
        st.session_state["images.class"] = everything
    chosen = right.selectbox("Class", classes, key="images.class")
    split = catalog.load(name, split_name)
    positions = np.arange(len(split))
    if chosen != everything:
        positions = np.flatnonzero(split.labels == known.class_names.index(chosen))
    pages = max(1, -(-len(positions) // A_PAGE))
    if st.session_state.get("images.page", 1) > pages:
        del st.session_state["images.page"]
    page = st.pagination(pages, key="images.page")
    shown = positions[(page - 1) * A_PAGE : page * A_PAGE]
    first = (page - 1) * A_PAGE + 1
    st.caption(f"Images {first:,} to {first + len(shown) - 1:,} of {len(positions):,}")
    photos = known.shape[0] is None
    tiles = []
    for position in shown:
        label = known.class_names[int(split.labels[position])]
        image = split.image(int(position))
        size = f" · {image.shape[1]} x {image.shape[0]}" if photos else ""
        tiles.append(Tile(image, label + size, f"{label}, number {position} of this split"))
    gallery(tiles, side=144 if photos else 96)

    counts = {label: int((split.labels == number).sum()) for number, label in enumerate(known.class_names)}
    smallest, largest = min(counts.values()), max(counts.values())
    balance = f"{smallest:,} of each class" if smallest == largest else f"from {smallest:,} to {largest:,} of a class"
    height, width, channels = known.shape
    size = "photos of every size" if photos else f"{height} x {width} pixels"
    depth = "one number a pixel (grey)" if channels == 1 else "three numbers a pixel (red, green, blue)"
    prose(
        f"**What to notice.** {len(split):,} images here, {balance}; {size}, {depth}, each number from 0 to 255. "
        "That is all a network gets. Three sets that share no image: it practises on the first, we check it on the "
        "second while it learns, and the third is kept for the end."
    )

try_this(
    [
        "Look at one class only. Which of its images would *you* find hard?",
        "Choose another data set in the sidebar: digits, shapes, photos.",
        "Find two images of different classes that look alike. Remember them for the Predict page.",
    ]
)
builder, register = known.builder, ""
if known.builtin:
    register = f"import cnn.data.{builder.partition('/')[0]}  # registers the data set with TFDS\n"
as_keras_code(
    f"{register}import tensorflow_datasets as tfds\n\n"
    f'dataset, info = tfds.load("{builder}", split="train", with_info=True)\n'
    "for example in dataset.take(3):\n"
    '    print(example["image"].shape, info.features["label"].int2str(example["label"]))\n'
)
st.caption(f"Licence: {known.licence}. Source: {known.citation}")
further_reading([("TensorFlow Datasets: the catalogue", "https://www.tensorflow.org/datasets/catalog/overview")])
