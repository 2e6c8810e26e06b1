"""What pages need of a picture: a small copy to show and the network's input, kept so that it is decoded only once.

A phone's photo has 36 MB of pixels, and a page needs less than one of them. What is kept is in the session's state and
goes with it, the least recently used first.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.image_decoding import Decoding
from cnn.data.images import fit_to, resize
from cnn.errors import ImageError
from pages.widgets.image_input import Photo

SHOWN_SIDE = 640  # pixels: twice those of the screen, for sharp displays
MAX_BYTES = 32 * 2**20  # in a session: two hundred photos with inputs of 160 pixels are 28 of them
_KEPT = "shell.kept_pictures"


class Source(NamedTuple):
    """A picture that can be looked at.

    Attributes:
        name: to show.
        key: names its pixels within the session; None of a picture that is quickly read again.
        read: gives it in full; raises ImageError if it cannot be read.
    """

    name: str
    key: str | None
    read: Callable[[], Photo]


class Picture(NamedTuple):
    """What a page needs of a picture.

    Attributes:
        size: (height, width) of the original, in pixels.
        shown: uint8 (h, w, C), reduced to the size at which it is shown.
        seen: uint8 (H, W, C), what the network gets of it.
        decoding: of its file, if it came as one.
    """

    size: tuple[int, int]
    shown: np.ndarray
    seen: np.ndarray
    decoding: Decoding | None


_Kept = OrderedDict[tuple[object, ...], Picture | ImageError]


def look_at(source: Source, shape: tuple[int, int, int], place: float | None = 0.5, side: int = SHOWN_SIDE) -> Picture:
    """What a page needs of a picture, read only if it is not kept; that it cannot be read is kept, too.

    Args:
        shape: of the network's input.
        place: of the part that the network gets, see ``images.fit_to``.
        side: of the copy to show, in pixels, at most.

    Raises:
        ImageError: it cannot be read.
    """
    kept: _Kept = st.session_state.setdefault(_KEPT, OrderedDict())
    key = (source.key, shape, place, side)
    picture = kept.pop(key, None) or _read(source, shape, place, side)
    if source.key is not None:
        kept[key] = picture
        _make_room(kept)
    if isinstance(picture, ImageError):
        raise picture
    return picture


def _read(source: Source, shape: tuple[int, int, int], place: float | None, side: int) -> Picture | ImageError:
    try:
        image, decoding = source.read()[1:]
    except ImageError as error:
        return error
    size = image.shape[0], image.shape[1]
    return Picture(size, _reduced(image, side), fit_to(image, shape, place), decoding)


def _reduced(image: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(image.shape[:2])
    return resize(image, *(max(1, round(length * scale)) for length in image.shape[:2])) if scale < 1 else image


def _make_room(kept: _Kept) -> None:
    held = sum(map(_size_in_bytes, kept.values()))
    while held > MAX_BYTES and len(kept) > 1:
        held -= _size_in_bytes(kept.popitem(last=False)[1])


def _size_in_bytes(picture: Picture | ImageError) -> int:
    return 0 if isinstance(picture, ImageError) else picture.shown.nbytes + picture.seen.nbytes
