"""A view of the Augmentation page: two images made one, with the label that belongs to the mixture."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.mixing import layer_seed, mix_images
from cnn.data.augmentation.settings import Augmentation
from cnn.keras_code.mixing import mixing_code
from pages.lessons.augmentation.variants import SHOWN, zip_images
from pages.shell.page_layout import prose
from pages.shell.terms import term
from pages.widgets import linked_inputs
from pages.widgets.gallery import GalleryImage, gallery

_LAYERS = {"mixup": "MixUp", "cutmix": "CutMix"}
_AMOUNTS = [0.1, 0.2, 0.4, 0.6, 0.8, 1.0]


def mixed_images_view(dataset: str, settings: Augmentation, seed: int) -> str:
    """Show one batch, each image mixed with another one of it; returns the code that does so."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = linked_inputs.choice(
            "augmentation.mixing",
            "How two become one",
            _LAYERS,
            width=180,
            help="\n\n".join(term(word) for word in _LAYERS.values()),
        )
        amount = linked_inputs.step("augmentation.amount", "How evenly, 0 to 1", _AMOUNTS, 1.0, width=180)
        split, class_names = catalog.load(dataset, "train"), catalog.info(dataset).class_names
        valid = range(1, len(split) + 1)
        start = linked_inputs.whole("augmentation.image", "From training image", valid, 1, width=220) - 1
    positions = [(start + offset) % len(split) for offset in range(SHOWN)]
    classes = split.labels[positions].astype(int)
    images = augment_images(split.take(positions), settings, seed)
    fractions = np.eye(len(class_names), dtype=np.float32)[classes]
    amounts = {"mix_up": amount, "cut_mix": 0.0} if name == "mixup" else {"mix_up": 0.0, "cut_mix": amount}
    mixed, labels = mix_images(images, fractions, seed=seed, **amounts)
    prose(
        "The right answer is mixed too: a picture that is 70 % cat and 30 % dog is to get just these percentages. The "
        "network meets pictures between the classes, and is not to be surer than they allow."
    )
    gallery([_tile(image, label, class_names) for image, label in zip(mixed, labels, strict=True)])
    with st.container(horizontal=True, key="augmentation.after_mixing"):
        link = {"level": "lab", f"training.set.{name}": f"{amount:g}"}
        st.page_link("training.py", label="Train with it", icon=":material/play_arrow:", query_params=link)
        st.download_button(
            "Download the batch before mixing (zip)",
            zip_images(images, "image"),
            "batch.zip",
            "application/zip",
            key="augmentation.batch",
        )
    return mixing_code(_LAYERS[name], amount, classes.tolist(), len(class_names), layer_seed(_LAYERS[name], seed))


def _tile(image: np.ndarray, label: np.ndarray, class_names: tuple[str, ...]) -> GalleryImage:
    """An image with the classes in it, the larger part first."""
    parts = [index for index in np.argsort(-label, kind="stable").tolist() if round(100 * float(label[index])) > 0]
    caption = ", ".join(f"{class_names[index]}: {100 * label[index]:.0f} %" for index in parts)
    return GalleryImage(image, caption, f"mixed: {caption}")
