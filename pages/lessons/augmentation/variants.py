"""Three views of the Augmentation page: variants of one image, one variant of many images, one variation swept."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation.augmenter import BATCH_OF_RAND_AUGMENT, augment_images
from cnn.data.augmentation.settings import LIMITS, Augmentation, count_variants
from cnn.data.images import fit_to
from cnn.figures.mosaic import png
from pages.lessons.augmentation.controls import LABELS
from pages.shell import selection
from pages.shell.page_layout import prose
from pages.shell.text import literal, percent
from pages.shell.weights_note import show_weights_note
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery

SHOWN = 24
STEPS = 12


class _Prediction(NamedTuple):
    """The class a model predicts for an image, and its probability, 0..1."""

    label: str
    probability: float


def single_image_view(dataset: str, settings: Augmentation, seed: int) -> None:
    """Show many variants of one image, with the selected model's prediction for each."""
    image, label = _choose_image(dataset)
    varied = augment_images(np.repeat(image[None], SHOWN, axis=0), settings, seed)
    predictions = _predict(dataset, varied)
    if predictions:
        correct = sum(prediction.label == label for prediction in predictions)
        network = literal(selection.selected_card().title)
        prose(
            f"**{literal(label)}**, varied {SHOWN} times. The selected network, {network}, still recognises "
            f"**{correct} of {SHOWN}**.",
            key="augmentation.score",
        )
    _show_tiles(varied, [label] * SHOWN, predictions, [f"variant {number}" for number in range(1, SHOWN + 1)])
    _note_batches(settings)
    _show_downloads(image, varied)


def many_images_view(dataset: str, settings: Augmentation, seed: int) -> None:
    """Show one variant of each of many images."""
    split, class_names = catalog.load(dataset, "train"), catalog.info(dataset).class_names
    start = linked_inputs.whole("augmentation.image", "From training image", range(1, len(split) + 1), 1, width=220) - 1
    positions = [(start + offset) % len(split) for offset in range(SHOWN)]
    images = split.take(positions)
    labels = [class_names[int(split.labels[position])] for position in positions]
    varied = augment_images(images, settings, seed)
    _show_tiles(varied, labels, _predict(dataset, varied), [f"image {position + 1}" for position in positions])
    _note_batches(settings)
    _show_downloads(images[0], varied)


def sweep_view(dataset: str, settings: Augmentation, seed: int) -> None:
    """Show one variation alone, from zero to its limit; the seed fixes its direction at every step."""
    image, label = _choose_image(dataset)
    variation = linked_inputs.choice("augmentation.what", "Which variation", LABELS, width=260)
    amounts = [LIMITS[variation] * step / (STEPS - 1) for step in range(STEPS)]
    variants = []
    for amount in amounts:
        arguments: dict[str, Any] = {variation: amount, "fill": settings.fill}
        variants.append(augment_images(image[None], Augmentation(**arguments), seed))
    varied = np.concatenate(variants)
    predictions = _predict(dataset, varied)
    _show_tiles(varied, [label] * STEPS, predictions, [f"{amount:.3g}" for amount in amounts], side=144)
    _show_downloads(image, varied)


def describe_number(settings: Augmentation, shape: tuple[int, int, int]) -> str:
    """In words: how many variants the settings make of one image of ``shape``, (height, width, channels)."""
    if not settings.any():
        return "No augmentation now: the network sees the same pictures in every epoch, and can memorise them."
    count = count_variants(settings, *shape[:2])
    if count is None:
        return (
            "Angles, zooms and colours are picked at random from a range, so two variants of a picture are seldom "
            "exactly alike: memorising becomes harder, not impossible."
        )
    return (
        f"These settings make at most **{count:,} variants** of a picture of {shape[0]} × {shape[1]} points. In a long "
        "training some of them come back: memorising becomes harder, not impossible."
    )


def _choose_image(dataset: str) -> tuple[np.ndarray, str]:
    """Choose a training image; return it at the size networks receive, uint8 (H, W, C), and its class name."""
    split = catalog.load(dataset, "train")
    position = linked_inputs.whole("augmentation.image", "Training image", range(1, len(split) + 1), 1, width=220) - 1
    return split.take([position])[0], catalog.info(dataset).class_names[int(split.labels[position])]


def _predict(dataset: str, images: np.ndarray) -> list[_Prediction]:
    """The selected model's prediction for each image; empty where it was trained on another data set."""
    if not selection.model() or (card := selection.selected_card()).dataset != dataset:
        return []
    if images.shape[1:] != card.input_shape:  # of a network on a base, which takes larger ones
        images = np.stack([fit_to(image, card.input_shape) for image in images])
    probabilities = model_cache.predict_function(card)(images)
    return [_Prediction(card.class_names[int(row.argmax())], float(row.max())) for row in probabilities]


def _show_tiles(
    images: np.ndarray,
    labels: Sequence[str],
    predictions: Sequence[_Prediction],
    notes: Sequence[str],
    side: int = 96,
) -> None:
    """Show images with their labels and notes, or with their predictions where there are any."""
    if predictions:
        show_weights_note(selection.selected_card().config.get("base"))
    tiles = []
    for index, (image, label, note) in enumerate(zip(images, labels, notes, strict=True)):
        if not predictions:
            tiles.append(GalleryImage(image, f"{label} · {note}", f"{label}, {note}"))
            continue
        prediction = predictions[index]
        caption = f"{prediction.label} {percent(prediction.probability)}"
        alt = f"{label}, {note}, answer {caption}"
        tiles.append(GalleryImage(image, caption, alt, "right" if prediction.label == label else "wrong"))
    gallery(tiles, side=side)


def _note_batches(settings: Augmentation) -> None:
    if settings.rand_augment:
        st.caption(
            "RandAugment draws two of eleven changes and makes them to a whole batch, to each picture at a strength of "
            f"its own. Here {BATCH_OF_RAND_AUGMENT} pictures are a batch."
        )


def zip_images(images: np.ndarray, stem: str) -> bytes:
    """A zip of PNGs called ``stem``-01.png and so on.

    Args:
        images: uint8 (N, H, W, C).
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, image in enumerate(images, 1):
            archive.writestr(f"{stem}-{number:02}.png", png(image))
    return file.getvalue()


def _show_downloads(image: np.ndarray, varied: np.ndarray) -> None:
    archive = zip_images(varied, "variant")
    with st.container(horizontal=True):
        st.download_button(
            "Download the variants (zip)", archive, "variants.zip", "application/zip", key="augmentation.zip"
        )
        st.download_button(
            "Download the original", png(image), "image.png", "image/png", key="augmentation.file", type="tertiary"
        )
