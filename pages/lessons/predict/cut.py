"""The part of a photo that the network gets: chosen, and shown with the rest darkened."""

import numpy as np
import streamlit as st

from cnn.data.images import crop_box
from cnn.figures.cut import draw_cut

MOSTLY_KEPT = 0.95  # of a photo's pixels: less than that is cut off from nearly square ones, too


def choose_place(size: tuple[int, int], shape: tuple[int, int, int]) -> float | None:
    """Where the part lies that the network gets of a photo of another shape, see ``images.fit_to``.

    Args:
        size: (height, width) of the photo.
        shape: of the network's input.
    """
    top, left, height, width = crop_box(size, shape)
    if height * width > MOSTLY_KEPT * size[0] * size[1]:
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
    """A photo, uint8 (h, w, C), with what the network does not get of it darkened.

    Args:
        photo: at the size at which it is shown.
        shape: of the network's input.
        place: of the part that it gets, see ``images.fit_to``.
    """
    box = crop_box(photo.shape[:2], shape, place)
    return draw_cut(photo, box) if box[2] * box[3] < MOSTLY_KEPT * photo.shape[0] * photo.shape[1] else photo
