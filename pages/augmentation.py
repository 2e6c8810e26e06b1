"""Augmentation: more training images from the existing ones, until even people no longer recognise them."""

import streamlit as st

from cnn.data import catalog
from cnn.keras_code.augmentation import variants_code
from pages.lessons.augmentation import variants
from pages.lessons.augmentation.controls import choose_augmentation, choose_seed
from pages.lessons.augmentation.experiment import experiment_view
from pages.shell import selection
from pages.shell.page_layout import as_keras_code, further_reading, page_header, prose, try_this
from pages.widgets import dataset_preparation, linked_inputs

VIEWS = {
    "one": "Many variants of one",
    "many": "One variant of many",
    "sweep": "From weak to strong",
    "help": "Does it help?",
}

page_header("Augmentation", "Can a network learn more from the pictures it has?", page="augmentation")

name = selection.dataset()
if not catalog.is_prepared(name):
    dataset_preparation.offer_preparation(name)
    st.stop()
view = linked_inputs.choice("augmentation.view", "View", VIEWS, width=260)
settings, seed = choose_augmentation(), choose_seed()
show = {
    "one": variants.single_image_view,
    "many": variants.many_images_view,
    "sweep": variants.sweep_view,
    "help": experiment_view,
}
show[view](name, settings, seed)
prose(
    "**What to notice.** The network never sees the same picture twice, so it cannot learn it by heart. A variation "
    "must keep what is on the picture: a mirrored cat is a cat, a mirrored 2 is not a 2."
)
try_this(
    [
        "Turn the strength up until *you* can no longer name the picture. Can the network?",
        "Which of these variations would be wrong for digits?",
        "Look at the last view: at what strength does the network change its mind?",
    ]
)
as_keras_code(variants_code(settings, seed, variants.SHOWN))
further_reading(
    [
        (
            "A survey on image data augmentation (Shorten & Khoshgoftaar, 2019)",
            "https://doi.org/10.1186/s40537-019-0197-0",
        ),
        ("Cut-out (DeVries & Taylor, 2017)", "https://arxiv.org/abs/1708.04552"),
    ]
)
