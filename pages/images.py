"""Images: page through the images that a network learns from, and inspect one closely."""

import streamlit as st

from cnn.data import catalog
from cnn.keras_code.training import loading_code
from pages.lessons.images.browsing import gallery_view
from pages.lessons.images.dataset_overview import show_overview
from pages.lessons.images.own_images import own_images_view
from pages.shell import selection
from pages.shell.page_layout import page_foot, page_header, prose
from pages.shell.text import literal
from pages.widgets import dataset_preparation, linked_inputs

VIEWS = {"gallery": "Browse", "set": "Overview", "own": "Bring your own images"}

page_header("Images", "What does the network learn from?", page="images")
name = selection.dataset()
dataset = catalog.info(name)
prose(f"**{literal(dataset.title)}.** {dataset.about}")
view = linked_inputs.view("images.view", "View", VIEWS)
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

st.caption(f"Licence: {dataset.licence}. Source: {dataset.citation}")
page_foot(
    [
        "Look at one class only, the most unusual first. Which of them would *you* find hard?",
        "Choose an image and move over its pixels. Which numbers make white, and which make yellow?",
        "Is the image most like it of the same class? Pixels alone are a poor judge.",
        "Choose another data set at the top: digits, shapes, photos.",
    ],
    code=loading_code(dataset),
    reading=[("TensorFlow Datasets: the catalogue", "https://www.tensorflow.org/datasets/catalog/overview")],
)
