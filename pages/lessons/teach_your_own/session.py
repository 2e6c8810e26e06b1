"""The visitor's classes and photos, in the server's memory only."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.data.images import fit_to, resize
from cnn.model.pretrained_bases import Base
from cnn.typed_text import make_visible
from pages.components.data_uri import thumbnail
from pages.shell.visitor_memory import forget, recall, remember
from pages.widgets.base_features import base_outputs

MAX_CLASSES, MAX_PHOTOS, MAX_PHOTOS_TOTAL = 10, 100, 300  # photos per class, and in all classes together
MAX_SIDE, THUMBNAIL = 320, 72  # pixels
# What is drawn, whether on light tables (None: on any), and the pixels of table around it.
EXAMPLES: dict[str, tuple[dict[str, bool | None], int]] = {
    "fair": ({"star": None, "heart": None}, 4),
    "broken": ({"moon": True, "circle": False}, 24),
}
EMPTY = ("Class A", "Class B")
# *Reset this page* clears what begins with "teach.", and photos are nothing to lose with one click.
NAMES, PHOTOS, EXAMPLE = "taught.names", "taught.photos", "taught.example"
IS_KEPT = "taught.is_kept"  # whether this session has something in the visitor's memory
KEPT = "teach.project"  # its name there
ARRIVALS = "teach.in.count"  # how often photos have come in
PREPARED, PROBLEMS, HEAD, CASE = "teach.prepared", "teach.problems", "teach.head", "teach.case"


class Photo(NamedTuple):
    """One photo.

    Attributes:
        picture: uint8 (h, w, 1 or 3), at most ``MAX_SIDE`` pixels a side.
        base: name of the base that ``fitted`` and ``features`` are for.
        fitted: uint8 (H, W, 3), of the base's input size.
        features: float32 (features,), the base's output for it.
        thumbnail: ``fitted`` as a PNG file, as it stands among the photos of its class.
        is_own: whether it came from the visitor, and was not drawn for an example.
    """

    name: str
    picture: np.ndarray
    base: str
    fitted: np.ndarray
    features: np.ndarray
    thumbnail: bytes
    is_own: bool


class Project(NamedTuple):
    """Classes with their photos, as they stood at one time.

    Attributes:
        photos: of each class.
        example: which of ``EXAMPLES`` they began as; None if they did not.
    """

    names: tuple[str, ...]
    photos: tuple[tuple[Photo, ...], ...]
    example: str | None


class _KeptPhoto(NamedTuple):
    """What is kept of a ``Photo``; the rest is computed again."""

    name: str
    picture: np.ndarray
    is_own: bool


def names() -> list[str]:
    """The names of the classes."""
    return st.session_state[NAMES]


def photos() -> list[list[Photo]]:
    """The photos of each class."""
    return st.session_state[PHOTOS]


def own_photos(class_index: int | None = None) -> int:
    """How many photos are the visitor's own, in one class or in all."""
    groups = st.session_state.get(PHOTOS, [])
    return sum(photo.is_own for group in (groups if class_index is None else [groups[class_index]]) for photo in group)


def project() -> Project:
    """The classes and photos as they are now."""
    return Project(tuple(names()), tuple(map(tuple, photos())), st.session_state[EXAMPLE])


def replace_project(new: Project) -> None:
    """Put other classes and photos in place of these; the fitted head and the picture tried last go with them."""
    for key in (HEAD, CASE, "teach.tried", "teach.try"):
        st.session_state.pop(key, None)
    st.session_state[NAMES], st.session_state[PHOTOS] = list(new.names), list(map(list, new.photos))
    st.session_state[EXAMPLE] = new.example


def prepare_session(base: Base) -> None:
    """At the first visit load what an earlier session has kept, or an example.

    After a change of base every photo's features are computed again.
    """
    if PREPARED not in st.session_state:
        st.session_state[PREPARED] = True
        is_reset = NAMES in st.session_state
        if not own_photos():
            replace_project((None if is_reset else _kept_project(base)) or drawn_example(base, "fair"))
    if any(photo.base != base.name for group in photos() for photo in group):
        st.session_state[PHOTOS] = [_prepare_again(base, _kept_photos(group)) for group in photos()]


def keep_for_reload() -> None:
    """Keep names and photos for this visitor's next session, unless they are an example as it was drawn."""
    example = st.session_state[EXAMPLE]
    if example and not own_photos() and names() == list(EXAMPLES[example][0]):
        # Not if it was kept by another tab of this browser.
        if st.session_state.pop(IS_KEPT, False):
            forget(KEPT)
        return
    kept = tuple(names()), tuple(map(_kept_photos, photos())), example, st.session_state.get(ARRIVALS, 0)
    size = sum(photo.picture.nbytes for group in photos() for photo in group)
    st.session_state[IS_KEPT] = remember(KEPT, kept, size)


def drawn_example(base: Base, example: str) -> Project:
    """The classes of one of ``EXAMPLES``, and drawings as their photos: drawn once, read-only."""
    return _draw_example(base.name, base, example)


@st.cache_resource(max_entries=8, show_spinner=False)
def _draw_example(base_name: str, _base: Base, example: str) -> Project:
    tables, border = EXAMPLES[example]
    groups = []
    for name, light in tables.items():
        drawings = draw_on_table(name, 8, light=light, border=border)
        files = [(f"{name} {n}", drawing) for n, drawing in enumerate(drawings, 1)]
        groups.append(tuple(prepare_photos(_base, files, is_own=False)))
    return Project(tuple(tables), tuple(groups), example)


def is_broken_example() -> bool:
    """Whether the classes are still those of the example "broken"."""
    return st.session_state.get(EXAMPLE) == "broken" and names() == list(EXAMPLES["broken"][0])


def prepare_photos(base: Base, files: Sequence[tuple[str, np.ndarray]], *, is_own: bool = True) -> list[Photo]:
    """Shrink pictures, fit them to the base and compute their features.

    Args:
        files: (name, uint8 (h, w, 1 or 3)) pairs.
    """
    if not files:
        return []
    pictures = [shrink_photo(picture) for _, picture in files]
    fitted = np.stack([fit_to(picture, base.input_shape) for picture in pictures])
    _, features = base_outputs(base.name, fitted)
    return [
        Photo(make_visible(name), picture, base.name, small, row, thumbnail(small, THUMBNAIL), is_own)
        for (name, _), picture, small, row in zip(files, pictures, fitted, features, strict=True)
    ]


def shrink_photo(picture: np.ndarray) -> np.ndarray:
    """A picture, uint8 (h, w, C), scaled down to at most ``MAX_SIDE`` pixels a side."""
    height, width = picture.shape[:2]
    scale = MAX_SIDE / max(height, width)
    return resize(picture, max(1, round(height * scale)), max(1, round(width * scale))) if scale < 1 else picture


def _kept_project(base: Base) -> Project | None:
    kept = recall(KEPT)
    if kept is None:
        return None
    kept_names, groups, example, arrivals = kept
    # Part of the uploader's key: a file that was chosen while the connection was down finds the uploader it was for.
    st.session_state[ARRIVALS] = arrivals
    return Project(kept_names, tuple(tuple(_prepare_again(base, group)) for group in groups), example)


def _kept_photos(group: Sequence[Photo]) -> tuple[_KeptPhoto, ...]:
    return tuple(_KeptPhoto(photo.name, photo.picture, photo.is_own) for photo in group)


def _prepare_again(base: Base, group: Sequence[_KeptPhoto]) -> list[Photo]:
    prepared = prepare_photos(base, [(photo.name, photo.picture) for photo in group])
    return [new._replace(is_own=photo.is_own) for new, photo in zip(prepared, group, strict=True)]
