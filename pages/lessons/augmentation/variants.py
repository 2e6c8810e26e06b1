"""The three views of the Augmentation page: variants of one image, one variant of many, one variation swept."""

import io
import zipfile
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.settings import LIMITS, Augmentation
from cnn.figures.mosaic import png
from pages.lessons.augmentation.controls import NAMES
from pages.shell import selection
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery

SHOWN = 24
STEPS = 12


def variants_of_one_image(name: str, settings: Augmentation, seed: int) -> None:
    """Many variants of one image, and what the network in hand says of each."""
    image, label = _chosen(name)
    varied = augment_images(np.repeat(image[None], SHOWN, axis=0), settings, seed)
    answers = _answers(name, varied)
    if answers:
        right = sum(said == label for said, _ in answers)
        prose(
            f"**{label}**, varied {SHOWN} times. The network in hand, {selection.selected_card().title}, still "
            f"names **{right} of {SHOWN}** rightly."
        )
    _tiles(varied, [label] * SHOWN, answers, [f"variant {number}" for number in range(1, SHOWN + 1)])
    _downloads(image, varied)


def one_variant_of_many_images(name: str, settings: Augmentation, seed: int) -> None:
    """One variant of each of many images."""
    split, names = catalog.load(name, "train"), catalog.info(name).class_names
    start = linked_inputs.whole("augmentation.image", "From training image", range(1, len(split) + 1), 1, width=220) - 1
    places = [(start + step) % len(split) for step in range(SHOWN)]
    images = split.take(places)
    labels = [names[int(split.labels[place])] for place in places]
    varied = augment_images(images, settings, seed)
    _tiles(varied, labels, _answers(name, varied), [f"image {place + 1}" for place in places])
    _downloads(images[0], varied)


def one_variation_swept(name: str, settings: Augmentation, seed: int) -> None:
    """One variation alone, from nothing to its limit; the image goes the same way at every step."""
    image, label = _chosen(name)
    what = linked_inputs.choice("augmentation.what", "Which variation", NAMES, width=260)
    amounts = [LIMITS[what] * step / (STEPS - 1) for step in range(STEPS)]
    varied = np.concatenate(
        [augment_images(image[None], Augmentation(**{what: amount, "fill": settings.fill}), seed) for amount in amounts]
    )
    answers = _answers(name, varied)
    _tiles(varied, [label] * STEPS, answers, [f"{amount:.3g}" for amount in amounts], side=144)
    _downloads(image, varied)


def _chosen(name: str) -> tuple[np.ndarray, str]:
    """A training image at the size that networks get it, and its class."""
    split = catalog.load(name, "train")
    number = linked_inputs.whole("augmentation.image", "Training image", range(1, len(split) + 1), 1, width=220) - 1
    return split.take([number])[0], catalog.info(name).class_names[int(split.labels[number])]


def _answers(name: str, images: np.ndarray) -> list[tuple[str, float]]:
    """The class that the model in hand names for each image, and how sure it is; nothing when it knows other images."""
    if not selection.model() or (card := selection.selected_card()).dataset != name:
        return []
    probabilities = model_cache.predict_function(card)(images)
    return [(card.class_names[int(row.argmax())], float(row.max())) for row in probabilities]


def _tiles(
    images: np.ndarray,
    labels: Sequence[str],
    answers: Sequence[tuple[str, float]],
    notes: Sequence[str],
    side: int = 96,
) -> None:
    tiles = []
    for number, (image, label, note) in enumerate(zip(images, labels, notes, strict=True)):
        if not answers:
            tiles.append(GalleryImage(image, f"{label} · {note}", f"{label}, {note}"))
            continue
        said, share = answers[number]
        answer = f"{said} {percent(share)}"
        alt = f"{label}, {note}, answer {answer}"
        tiles.append(GalleryImage(image, answer, alt, "right" if said == label else "wrong"))
    gallery(tiles, side=side)


def _downloads(image: np.ndarray, varied: np.ndarray) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, variant in enumerate(varied, 1):
            archive.writestr(f"variant-{number:02}.png", png(variant))
    with st.container(horizontal=True):
        st.download_button(
            "Download the variants (zip)", file.getvalue(), "variants.zip", "application/zip", key="augmentation.zip"
        )
        st.download_button(
            "Download the original", png(image), "image.png", "image/png", key="augmentation.file", type="tertiary"
        )
