"""The visitor's classes and photos, in this session's memory only, and the head fitted to them."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.data.images import fit_to, resize
from cnn.data.own.near_twins import describe, group_near_twins
from cnn.model.pretrained_bases import Base
from cnn.training.few_shot_head import FewShotHead, fit_head, is_unlike_all
from pages.shell.text import literal
from pages.widgets.base_features import base_outputs

MAX_CLASSES, MAX_PHOTOS, MAX_PHOTOS_TOTAL = 10, 100, 300  # photos per class, and in all classes together
MAX_SIDE = 320  # pixels
# What is drawn, whether on light tables (None: on any), and the pixels of table around it.
EXAMPLES: dict[str, tuple[dict[str, bool | None], int]] = {
    "fair": ({"star": None, "heart": None}, 4),
    "broken": ({"moon": True, "circle": False}, 24),
}
NAMES, PHOTOS, EXAMPLE, PROBLEMS, HEAD = "teach.names", "teach.photos", "teach.example", "teach.problems", "teach.head"
CASE = "teach.case"


class Photo(NamedTuple):
    """One photo.

    Attributes:
        picture: uint8 (h, w, 1 or 3), at most ``MAX_SIDE`` pixels a side.
        base: name of the base that ``fitted`` and ``features`` are for.
        fitted: uint8 (H, W, 3), of the base's input size.
        features: float32 (features,), the base's output for it.
    """

    name: str
    picture: np.ndarray
    base: str
    fitted: np.ndarray
    features: np.ndarray


class CaseQuestion(NamedTuple):
    """Class ``class_index`` is to be called ``name``, which differs from the name of ``other_index`` in case alone."""

    class_index: int
    name: str
    other_index: int


def names() -> list[str]:
    """The names of the classes."""
    return st.session_state[NAMES]


def photos() -> list[list[Photo]]:
    """The photos of each class."""
    return st.session_state[PHOTOS]


def prepare_session(base: Base) -> None:
    """Load an example at the first visit; after a change of base compute every photo's features again."""
    if NAMES not in st.session_state:
        load_example(base, "fair")
    elif any(photo.base != base.name for group in photos() for photo in group):
        st.session_state[PHOTOS] = [
            _prepare_photos(base, [(photo.name, photo.picture) for photo in group]) for group in photos()
        ]


def load_example(base: Base, example: str) -> None:
    """Replace all classes with those of one of ``EXAMPLES``, and their photos with drawings."""
    tables, border = EXAMPLES[example]
    st.session_state.pop(CASE, None)
    st.session_state[NAMES] = list(tables)
    st.session_state[PHOTOS] = [
        _prepare_photos(
            base,
            [
                (f"{name} {n}", drawing)
                for n, drawing in enumerate(draw_on_table(name, 8, light=light, border=border), 1)
            ],
        )
        for name, light in tables.items()
    ]
    st.session_state[EXAMPLE] = example


def is_broken_example() -> bool:
    """Whether the classes are still those of the example "broken"."""
    return st.session_state.get(EXAMPLE) == "broken" and names() == list(EXAMPLES["broken"][0])


def start_empty() -> None:
    """Start over with two empty classes; the fitted head is dropped too."""
    st.session_state.pop(HEAD, None)
    st.session_state.pop("teach.tried", None)
    st.session_state.pop(CASE, None)
    st.session_state[NAMES], st.session_state[PHOTOS] = ["Class A", "Class B"], [[], []]
    st.session_state[EXAMPLE] = None


def add(base: Base, class_index: int, files: Sequence[tuple[str, np.ndarray]]) -> list[str]:
    """Add photos to a class, as many as there is room for.

    Args:
        files: (name, uint8 (h, w, 1 or 3)) pairs.

    Returns:
        A sentence if some were not added, else none.
    """
    room = min(MAX_PHOTOS - len(photos()[class_index]), MAX_PHOTOS_TOTAL - sum(map(len, photos())))
    photos()[class_index].extend(_prepare_photos(base, files[:room]))
    if len(files) <= room:
        return []
    return [
        f"These are {len(files)} photos; a class can have {MAX_PHOTOS}, all together {MAX_PHOTOS_TOTAL}. The first "
        f"{room} were taken: a few dozen different ones teach as much."
    ]


def add_class() -> None:
    """Add an empty class, unless there are ``MAX_CLASSES``."""
    if len(names()) < MAX_CLASSES:
        letter = next(letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if f"Class {letter}" not in names())
        names().append(f"Class {letter}")
        photos().append([])


def rename(class_index: int, name: str) -> str | None:
    """Rename a class; returns a sentence if the name is empty or taken.

    A name that differs from another in case alone is not given yet: ``CASE`` in the session holds the question.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())[:40]
    if not name:
        return "A class needs a name of at least one letter. It keeps the one it had."
    others = {index: other for index, other in enumerate(names()) if index != class_index}
    if name in others.values():
        return f"There is a class “{literal(name)}” already. Give this one another name."
    variants = [index for index, other in others.items() if other.casefold() == name.casefold()]
    if variants:
        st.session_state[CASE] = CaseQuestion(class_index, name, variants[0])
    else:
        names()[class_index] = name
    return None


def answer_case(question: CaseQuestion, *, one_class: bool) -> None:
    """Carry out what the visitor said about names that differ in case alone."""
    st.session_state.pop(CASE, None)
    if one_class:
        photos()[question.other_index].extend(photos()[question.class_index])
        remove_class(question.class_index)
    else:
        names()[question.class_index] = question.name


def remove_class(class_index: int) -> None:
    """Remove a class with its photos."""
    st.session_state.pop(CASE, None)
    del names()[class_index], photos()[class_index]


def remove_photos(removed: list[Photo]) -> None:
    """Remove these very photos, wherever they stand by now."""
    ids = {id(photo) for photo in removed}
    st.session_state[PHOTOS] = [[photo for photo in group if id(photo) not in ids] for group in photos()]


def labels() -> np.ndarray:
    """The class index of every photo, int64 (N,), class by class."""
    return np.repeat(np.arange(len(names())), [len(group) for group in photos()])


def fitted_head() -> FewShotHead:
    """The head fitted to these photos; fitted anew only when they have changed.

    Raises:
        ConfigError: one class only, or a class without photos.
    """
    rows = [photo.features for group in photos() for photo in group]
    features = np.stack(rows) if rows else np.zeros((0, 1), np.float32)
    fingerprint = hash((features.tobytes(), labels().tobytes(), tuple(names())))
    # In the session, not in a cache: what was learned from photos must go with them.
    if st.session_state.get(HEAD, (None, None))[0] != fingerprint:
        st.session_state[HEAD] = (fingerprint, fit_head(features, labels(), list(map(literal, names()))))
    return st.session_state[HEAD][1]


def held_out_near_twins(held_out: np.ndarray) -> bool:
    """Whether a test photo is a near twin of one that the head learned from.

    Args:
        held_out: bool (N,), in the order of ``labels``.
    """
    described = np.stack([describe(photo.fitted) for group in photos() for photo in group])
    groups = group_near_twins(described, labels().tolist())
    return bool(np.isin(groups[held_out], groups[~held_out]).any())


def unlike_all_photos(features: np.ndarray) -> str | None:
    """A sentence if a picture, by its features float32 (features,), is like none of the photos."""
    known = np.stack([photo.features for group in photos() for photo in group])
    if not is_unlike_all(features, known, labels()):
        return None
    return (
        "It is like none of your photos: they are all more like each other. Perhaps it is none of your classes, and "
        "the head has to name one all the same."
    )


def _prepare_photos(base: Base, files: Sequence[tuple[str, np.ndarray]]) -> list[Photo]:
    """Shrink pictures, fit them to the base and compute their features."""
    if not files:
        return []
    pictures = [shrink_photo(picture) for _, picture in files]
    fitted = np.stack([fit_to(picture, base.input_shape) for picture in pictures])
    _, features = base_outputs(base.name, fitted)
    return [
        Photo(name, picture, base.name, small, row)
        for (name, _), picture, small, row in zip(files, pictures, fitted, features, strict=True)
    ]


def shrink_photo(picture: np.ndarray) -> np.ndarray:
    """A picture, uint8 (h, w, C), scaled down to at most ``MAX_SIDE`` pixels a side."""
    height, width = picture.shape[:2]
    scale = MAX_SIDE / max(height, width)
    return resize(picture, max(1, round(height * scale)), max(1, round(width * scale))) if scale < 1 else picture
