"""The classes and photos that a visitor is teaching: in this session's memory alone, and gone with it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.data.images import fit_to, resize
from cnn.model.pretrained_bases import Base
from cnn.training.few_shot_head import FewShotHead, fit_head
from pages.widgets.base_features import base_outputs

MOST_CLASSES, MOST_PHOTOS, MOST_IN_ALL = 10, 100, 300
SIDE_KEPT = 320
# What is drawn, on light tables, dark ones or any, and how many pixels of table are around it.
EXAMPLES: dict[str, tuple[dict[str, bool | None], int]] = {
    "fair": ({"star": None, "heart": None}, 4),
    "broken": ({"moon": True, "circle": False}, 24),
}
NAMES, PHOTOS, EXAMPLE, PROBLEMS, HEAD = "teach.names", "teach.photos", "teach.example", "teach.problems", "teach.head"


class Photo(NamedTuple):
    """One photo: its name, uint8 (h, w, 3) at most 320 pixels a side, and as the base sees it, with its features."""

    name: str
    picture: np.ndarray
    base: str
    seen: np.ndarray
    features: np.ndarray


def names() -> list[str]:
    """What the classes are called."""
    return st.session_state[NAMES]


def photos() -> list[list[Photo]]:
    """The photos of each class."""
    return st.session_state[PHOTOS]


def prepare_session(base: Base) -> None:
    """Open on an example that is taught already; after a change of base look at every photo again."""
    if NAMES not in st.session_state:
        load_example(base, "fair")
    elif any(photo.base != base.name for group in photos() for photo in group):
        st.session_state[PHOTOS] = [
            _looked_at(base, [(photo.name, photo.picture) for photo in group]) for group in photos()
        ]


def load_example(base: Base, example: str) -> None:
    """Take drawn things for photos: one of ``EXAMPLES``."""
    tables, border = EXAMPLES[example]
    st.session_state[NAMES] = list(tables)
    st.session_state[PHOTOS] = [
        _looked_at(
            base, [(f"{name} {n}", one) for n, one in enumerate(draw_on_table(name, 8, light=light, border=border), 1)]
        )
        for name, light in tables.items()
    ]
    st.session_state[EXAMPLE] = example


def is_broken_example() -> bool:
    """Whether the example of the tables is there as it came."""
    return st.session_state.get(EXAMPLE) == "broken" and names() == list(EXAMPLES["broken"][0])


def start_empty() -> None:
    """Two classes without photos; what was learned from those before goes too."""
    st.session_state.pop(HEAD, None)
    st.session_state.pop("teach.tried", None)
    st.session_state[NAMES], st.session_state[PHOTOS] = ["Class A", "Class B"], [[], []]
    st.session_state[EXAMPLE] = None


def add(base: Base, number: int, files: Sequence[tuple[str, np.ndarray]]) -> list[str]:
    """Give a class photos; as many as fit are taken.

    Args:
        files: (name, uint8 (h, w, 1 or 3)) each.

    Returns:
        Sentences on what was not taken.
    """
    room = min(MOST_PHOTOS - len(photos()[number]), MOST_IN_ALL - sum(map(len, photos())))
    photos()[number].extend(_looked_at(base, files[:room]))
    if len(files) <= room:
        return []
    return [
        f"These are {len(files)} photos; a class can have {MOST_PHOTOS}, all together {MOST_IN_ALL}. The first {room} "
        "were taken: a few dozen different ones teach as much."
    ]


def add_class() -> None:
    """One class more, without photos."""
    if len(names()) < MOST_CLASSES:
        letter = next(letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if f"Class {letter}" not in names())
        names().append(f"Class {letter}")
        photos().append([])


def rename(number: int, name: str) -> str | None:
    """Call a class something else; a sentence where that is not possible."""
    name = " ".join(name.split())[:40]
    if not name:
        return "A class needs a name of at least one letter. It keeps the one it had."
    if name in names()[:number] + names()[number + 1 :]:
        return f"There is a class “{name}” already. Give this one another name."
    names()[number] = name
    return None


def remove_class(number: int) -> None:
    """Take a class and its photos away."""
    del names()[number], photos()[number]


def keep_photos(wanted: np.ndarray) -> None:
    """Keep those photos, in the order of ``rows``, where ``wanted``, bool (N,), is true."""
    flags = iter(wanted.tolist())
    st.session_state[PHOTOS] = [[photo for photo in group if next(flags)] for group in photos()]


def rows() -> tuple[np.ndarray, np.ndarray]:
    """All photos' features float32 (N, features) and classes int64 (N,), class by class."""
    labels = np.repeat(np.arange(len(names())), [len(group) for group in photos()])
    features = [photo.features for group in photos() for photo in group]
    return (np.stack(features) if features else np.zeros((0, 1), np.float32)), labels


def fitted_head() -> FewShotHead:
    """The head that these photos teach; kept while they stay the same.

    Raises:
        ConfigError: one class only, or a class without photos.
    """
    features, labels = rows()
    of = hash((features.tobytes(), labels.tobytes(), tuple(names())))
    # In the session, not in a cache: what was learned from photos goes with them.
    if st.session_state.get(HEAD, (None, None))[0] != of:
        st.session_state[HEAD] = (of, fit_head(features, labels, names()))
    return st.session_state[HEAD][1]


def _looked_at(base: Base, files: Sequence[tuple[str, np.ndarray]]) -> list[Photo]:
    if not files:
        return []
    pictures = [shrink_photo(picture) for _, picture in files]
    seen = np.stack([fit_to(picture, base.input_shape) for picture in pictures])
    _, features = base_outputs(base.name, seen)
    return [
        Photo(name, picture, base.name, small, row)
        for (name, _), picture, small, row in zip(files, pictures, seen, features, strict=True)
    ]


def shrink_photo(picture: np.ndarray) -> np.ndarray:
    """A picture as it is kept, at most ``SIDE_KEPT`` pixels a side."""
    height, width = picture.shape[:2]
    scale = SIDE_KEPT / max(height, width)
    return resize(picture, max(1, round(height * scale)), max(1, round(width * scale))) if scale < 1 else picture
