"""The part of a photo that the network gets: chosen, and shown with the rest darkened."""

import numpy as np
import streamlit as st

from cnn.data.images import crop_box, resize
from cnn.figures.cut import draw_cut

MOSTLY_KEPT = 0.95  # of a photo's pixels: less than that is cut off from nearly square ones, too
SHOWN_SIDE = 640  # of the photo on the page, in pixels: twice those of the screen, for sharp displays


def choose_place(photo: np.ndarray, shape: tuple[int, int, int]) -> float | None:
    """Where the part lies that the network gets of a photo of another shape, see ``images.fit_to``.

    Args:
        photo: uint8 (h, w, C).
        shape: of the network's input.
    """
    top, left, height, width = crop_box(photo.shape[:2], shape)
    if height * width > MOSTLY_KEPT * photo.shape[0] * photo.shape[1]:
        return 0.5
    fits = {"cut": "a part of it", "squeeze": "all, squeezed in"}
    fit = st.segmented_control(
        "The network gets", list(fits), format_func=fits.__getitem__, default="cut", key="predict.fit", required=True
    )
    if fit == "squeeze":
        return None
    st.caption("What is dark in the picture is cut off.")
    sides = ("left", "right") if left > top else ("top", "bottom")
    return st.slider(f"Which part, from {sides[0]} to {sides[1]} (%)", 0, 100, 50, key="predict.place", width=256) / 100


def with_cut(photo: np.ndarray, shape: tuple[int, int, int], place: float = 0.5) -> np.ndarray:
    """A photo at the size at which it is shown, with what the network does not get of it darkened.

    Args:
        photo: uint8 (h, w, C).
        shape: of the network's input.
        place: of the part that it gets, see ``images.fit_to``.

    Returns:
        uint8 (h', w', C), with no side of more than ``SHOWN_SIDE`` pixels.
    """
    scale = min(1, SHOWN_SIDE / max(photo.shape[:2]))
    shown = resize(photo, *(max(1, round(side * scale)) for side in photo.shape[:2])) if scale < 1 else photo
    box = crop_box(shown.shape[:2], shape, place)
    return draw_cut(shown, box) if box[2] * box[3] < MOSTLY_KEPT * shown.shape[0] * shown.shape[1] else shown
