"""Images that a network can be shown and that are here anyway: those of its data set, and two sample photos.

Each has a name in the address: "test-12" is the twelfth test image, "watched-3" the third of the twelve that were
watched while the network learned, "photo-temple" a sample photo.
"""

import re
from functools import lru_cache

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.clear_images import clear_images, first_of_each_class
from cnn.data import catalog
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to
from cnn.data.own.set_folders import is_closed
from cnn.errors import DamagedFileError
from cnn.model.final_exam import scored_split
from cnn.model.store import Card
from cnn.requests.models import has_answers
from cnn.training.run_summary import read_watched_images
from pages.components.data_uri import thumbnail
from pages.widgets import model_cache
from pages.widgets.image_input import Photo

SPLIT_WORDS = {"train": "Training image", "validation": "Validation image", "test": "Test image"}
SAMPLES = ("cat", "temple", "flower")  # a cat is among the classes of most networks for photos
CLEAR = 6  # of the images in the strip that a network is right and sure about
_THUMBNAIL = 112  # pixels, twice what the strip shows


def first_names(card: Card) -> list[str]:
    """Names of the images to show first: clear ones, a hard one, a wrong one, and, in colour, the sample photos."""
    names = [] if is_closed(card.dataset) else _first_names(card, scored_split(card), catalog.is_prepared(card.dataset))
    return names + [f"photo-{name}" for name in SAMPLES if card.input_shape[2] == 3]


def find_image(card: Card, name: str) -> Photo | None:
    """The image of this name; None if there is none.

    Raises:
        DatasetError: its data set is damaged.
    """
    kind, _, rest = name.partition("-")
    if kind == "photo":
        return Photo(PHOTOS[rest][0], load_photo(rest)) if rest in PHOTOS else None
    if not re.fullmatch(r"[1-9][0-9]{0,8}", rest):
        return None
    position = int(rest) - 1
    if kind == "watched" and not is_closed(card.dataset) and (watched := _watched(card)) is not None:
        images, labels = watched
        if position < len(labels):
            return _named(card, "Validation image", images[position], labels, position)
    if kind in SPLIT_WORDS and catalog.is_prepared(card.dataset):
        split = catalog.load(card.dataset, kind)
        if position < len(split):
            return _named(card, SPLIT_WORDS[kind], split.image(position), split.labels, position)
    return None


def _named(card: Card, noun: str, image: np.ndarray, labels: np.ndarray, position: int) -> Photo:
    return Photo(f"{noun} {position + 1}, correct answer: {card.class_names[int(labels[position])]}", image)


def credit_of(name: str) -> str | None:
    """Who took the sample photo of this name; None for another image."""
    kind, _, photo = name.partition("-")
    return PHOTOS[photo][2] if kind == "photo" and photo in PHOTOS else None


@lru_cache(maxsize=512)  # the strip looks eight up: 0.2 ms each in Streamlit's caches
def find_thumbnail(card: Card, name: str) -> tuple[bytes, str] | None:
    """The image of this name as a square PNG file, at most 112 pixels a side, and what it shows in words."""
    photo = find_image(card, name)
    if photo is None:
        return None
    image = photo.image
    side = min(_THUMBNAIL, *image.shape[:2])
    return thumbnail(fit_to(image, (side, side, image.shape[2])), _THUMBNAIL), photo.name


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=model_cache.BY_CARD)
def _first_names(card: Card, split_name: str, is_prepared: bool) -> list[str]:
    if not is_prepared:
        if (watched := _watched(card)) is None:
            return []
        images, labels = watched
        probabilities = model_cache.predict_function(card)(images)
        return [f"watched-{position + 1}" for position in clear_images(probabilities, labels, CLEAR)]
    if has_answers(card):
        probabilities, labels = model_cache.answers(card, split_name)
        positions = clear_images(probabilities, labels, CLEAR)
    else:
        positions = first_of_each_class(catalog.load(card.dataset, split_name).labels, CLEAR + 2)
    return [f"{split_name}-{position + 1}" for position in positions]


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=model_cache.BY_CARD)
def _watched(card: Card) -> tuple[np.ndarray, np.ndarray] | None:
    """The images that its run has watched, and their labels; None if there are none, or their file is damaged."""
    try:
        images, labels = read_watched_images(card.folder, len(card.class_names))
    except DamagedFileError:
        return None
    return (images, labels) if images.shape[1:] == card.input_shape else None
