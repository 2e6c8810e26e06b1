"""The visitor's own photos and drawings: brought in on one page, at hand on all, in this server's memory alone.

A reload brings them back, see ``visitor_memory``.
"""

from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.image_decoding import decode_photo
from cnn.data.images import fit_to
from pages.shell import visitor_memory
from pages.widgets.image_input import Photo
from pages.widgets.image_strip.kept_pictures import Source

MAX_PHOTOS, MAX_BYTES = 8, 64 * 2**20  # the newest are kept
_THUMBNAIL = (112, 112)  # pixels, twice what the strip shows
_PHOTOS, _NEXT = "shell.own_photos", "shell.own_photos_made"


class OwnPhoto(NamedTuple):
    """A photo or drawing of the visitor's own.

    Attributes:
        name: to show.
        file: the file's bytes, decoded anew whenever a page needs it; of a drawing, None.
        drawing: uint8 (h, w, 1); of a photo, None.
        thumbnail: uint8 (112, 112, 1 or 3).
    """

    name: str
    file: bytes | None
    drawing: np.ndarray | None
    thumbnail: np.ndarray


def own_photos() -> dict[int, OwnPhoto]:
    """The visitor's photos by number, newest first."""
    if _PHOTOS not in st.session_state:
        st.session_state[_PHOTOS], st.session_state[_NEXT] = visitor_memory.recall(_PHOTOS) or ({}, 0)
    return st.session_state[_PHOTOS]


def add_photo(file: bytes, name: str) -> int:
    """Keep a photo, and drop the oldest where there are too many; returns its number.

    Raises:
        ImageError: it cannot be read.
    """
    image = decode_photo(file, name)[0]
    return _add(OwnPhoto(name, file, None, _thumbnail(image)))


def put_drawing(image: np.ndarray, number: int | None) -> int:
    """Keep a drawing, uint8 (h, w, 1); returns its number.

    Args:
        number: of an earlier state of this drawing, which it replaces; None for a new one.
    """
    drawing = OwnPhoto("Your drawing", None, image, _thumbnail(image))
    if number in own_photos():
        _keep(own_photos() | {number: drawing})
        return number
    return _add(drawing)


def remove_photo(number: int | None) -> None:
    """Forget the photo with this number, if there is one."""
    _keep({other: photo for other, photo in own_photos().items() if other != number})


def find_photo(number: int) -> Source:
    """The photo or drawing with this number."""
    name, file, image, _ = own_photos()[number]
    visitor_memory.recall(_PHOTOS)  # so that they are kept from this use on
    if file is not None:
        return Source(name, f"own-{number}", lambda: Photo(name, *decode_photo(file, name)))
    assert image is not None
    return Source(name, None, lambda: Photo(name, image))  # a drawing keeps its number while it grows


def _add(photo: OwnPhoto) -> int:
    earlier = own_photos()
    number = st.session_state[_NEXT] = st.session_state[_NEXT] + 1
    kept: dict[int, OwnPhoto] = {number: photo}
    size = len(photo.file or b"")
    for older, own in earlier.items():
        size += len(own.file or b"")
        if len(kept) < MAX_PHOTOS and size <= MAX_BYTES:
            kept[older] = own
    _keep(kept)
    return number


def _keep(photos: dict[int, OwnPhoto]) -> None:
    """Keep ``photos``, a new dictionary, in the session, and for the session after a reload."""
    st.session_state[_PHOTOS] = photos
    size = sum(len(own.file or b"") + own.thumbnail.nbytes for own in photos.values())
    visitor_memory.remember(_PHOTOS, (photos, st.session_state[_NEXT]), size)


def _thumbnail(image: np.ndarray) -> np.ndarray:
    return fit_to(image, (*_THUMBNAIL, image.shape[2]))
