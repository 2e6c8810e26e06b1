"""Images of data sets that come with the app, to show while the data set itself is not prepared yet."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.model.store import PRETRAINED
from pages.shell.page_layout import prose
from pages.widgets.gallery import GalleryImage, gallery

# The twelve images watched during the training of digits-tutorial, and the eight that Home sends through a network.
_FILES = {"digits": PRETRAINED / "digits-tutorial" / "watched.npz", "shapes": PRETRAINED / "flow.npz"}


def show_sample_images(name: str) -> None:
    """Show a few labelled images of the data set ``name``, if there are any."""
    if name not in _FILES:
        return
    images, labels = _load_samples(name)
    classes = [catalog.info(name).class_names[int(label)] for label in labels]
    prose(f"**Meanwhile, {len(images)} of its images**, which come with the app:")
    gallery([GalleryImage(image, label, f"{label}, a sample") for image, label in zip(images, classes, strict=True)])


@st.cache_data(max_entries=2, show_spinner=False)
def _load_samples(name: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(_FILES[name]) as file:
        return file["images"], file["labels"]
