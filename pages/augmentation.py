"""Augmentation: more training images from the existing ones, until even people no longer recognise them."""

from collections.abc import Callable

import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation.settings import Augmentation
from cnn.keras_code.augmentation import variants_code
from pages.lessons.augmentation import variants
from pages.lessons.augmentation.controls import choose_augmentation, choose_seed
from pages.lessons.augmentation.experiment import experiment_view
from pages.lessons.augmentation.measured import open_on_example
from pages.lessons.augmentation.mixed_images import mixed_images_view
from pages.shell import selection
from pages.shell.page_layout import page_foot, page_header, prose
from pages.widgets import dataset_preparation, linked_inputs

VIEWS = {
    "one": "One image, many variations",
    "many": "One variant of many",
    "sweep": "From weak to strong",
    "mix": "Two pictures in one",
    "help": "Does it help?",
}

page_header("Augmentation", "Can a network learn more from the pictures it has?", page="augmentation")

name = selection.dataset()
if not catalog.is_prepared(name):
    dataset_preparation.offer_preparation(name)
    st.stop()
view = linked_inputs.view("augmentation.view", "View", VIEWS, on_change=open_on_example)
settings, seed = choose_augmentation(), choose_seed()
show: dict[str, Callable[[str, Augmentation, int], str | None]] = {
    "one": variants.single_image_view,
    "many": variants.many_images_view,
    "sweep": variants.sweep_view,
    "mix": mixed_images_view,
    "help": experiment_view,
}
mixing_code = show[view](name, settings, seed)
prose(
    f"**What to notice.** {variants.describe_number(settings, catalog.network_shape(name))} A variation must keep "
    "what is on the picture: a mirrored cat is a cat, a mirrored 2 is not a 2."
)
page_foot(
    [
        "Turn the strength up until *you* can no longer name the picture. Can the network?",
        "Which of these variations would be wrong for digits?",
        "Look at *From weak to strong*: at what strength does the network change its mind?",
    ],
    code=mixing_code or variants_code(settings, seed, variants.SHOWN, catalog.network_shape(name)),
    reading=[
        (
            "A survey on image data augmentation (Shorten & Khoshgoftaar, 2019)",
            "https://doi.org/10.1186/s40537-019-0197-0",
        ),
        ("mixup: beyond empirical risk minimization (Zhang et al., 2018)", "https://arxiv.org/abs/1710.09412"),
        ("CutMix (Yun et al., 2019)", "https://arxiv.org/abs/1905.04899"),
        ("Cut-out (DeVries & Taylor, 2017)", "https://arxiv.org/abs/1708.04552"),
    ],
)
