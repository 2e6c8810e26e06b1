"""What the window of the Convolution page slides over: a photo, a test image, or a grid of numbers to type."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data import catalog
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.image_decoding import MAX_BYTES, decode
from cnn.data.images import fit_to
from cnn.figures.mosaic import png
from pages.shell import selection
from pages.widgets import linked_inputs
from pages.widgets.image_input import TYPES

SIDE = 64  # of a photo here: enough to know what it is, few enough to point at each pixel
_EDGE = np.tile(np.repeat([40.0, 200.0], 4), (8, 1))  # the grid begins with an upright edge
_FILE = 'np.asarray(Image.open("input.png"))'


class Numbers(NamedTuple):
    """What the window slides over.

    Attributes:
        image: (H, W, 1 or 3), any numbers.
        limits: of them, drawn black and white.
        code: an expression that gives generated code the same numbers; None where it writes them out.
    """

    image: np.ndarray
    limits: tuple[float, float]
    code: str | None


def names() -> dict[str, str]:
    """The inputs there are now, and what they are called."""
    samples = {"sample": "A test image"} if catalog.is_prepared(selection.dataset()) else {}
    photos = {name: title for name, (title, _, _) in PHOTOS.items()}
    return {**photos, "grid": "A small grid to type into", **samples, "upload": "Your own photo"}


def typed_numbers() -> Numbers:
    """The grid: 8 x 8 numbers."""
    table = pd.DataFrame(_EDGE, columns=[str(column + 1) for column in range(8)])
    edited = st.data_editor(table, key="convolution.grid", hide_index=True, width=560)
    numbers = np.nan_to_num(edited.to_numpy(np.float64)).clip(-1000, 1000)[..., None]
    return Numbers(numbers, (min(0.0, numbers.min()), max(255.0, numbers.max())), None)


def input_image(name: str) -> np.ndarray:
    """The picture ``name`` of ``names``, with the controls and the credit it needs: uint8 (H, W, 1 or 3).

    Raises:
        ImageError: an upload cannot be read.
        DatasetError: the data set in hand is not prepared any more.
    """
    if name == "sample":
        test = catalog.load(selection.dataset(), "test")
        numbers = range(1, len(test) + 1)
        image = test.image(
            linked_inputs.whole("convolution.number", "Number of the test image", numbers, 1, width=220) - 1
        )
        return image if max(image.shape[:2]) <= SIDE else fit_to(image, (SIDE, SIDE, image.shape[2]))
    if name == "upload":
        file = st.file_uploader("Photo", TYPES, key="convolution.photo", max_upload_size=MAX_BYTES // 2**20)
        st.caption("Your photo stays in this server's memory, and nobody else sees it.")
        if file is not None:
            return fit_to(decode(file.getvalue(), file.name), (SIDE, SIDE, 3))
        name = next(iter(PHOTOS))
    st.caption(PHOTOS[name][2])
    return _photo(name)


def as_numbers(image: np.ndarray, shape: tuple[int, int, int]) -> Numbers:
    """A picture as numbers 0-255, cut and resized to ``shape``."""
    return Numbers(fit_to(image, shape), (0.0, 255.0), _FILE)


def as_seen(image: np.ndarray, shape: tuple[int, int, int], scale: float, offset: float) -> Numbers:
    """A picture as a network's first layer gets it: cut and resized, and each pixel times ``scale`` plus ``offset``."""
    code = f"({_FILE} * {scale!r} + {offset!r})"
    return Numbers(fit_to(image, shape) * scale + offset, (offset, 255 * scale + offset), code)


def download(image: np.ndarray, shape: tuple[int, int, int]) -> None:
    """The file that the generated code opens."""
    file = png(fit_to(image, shape))
    st.download_button("Download this input", file, "input.png", "image/png", key="convolution.file", type="tertiary")


@st.cache_data(max_entries=2, show_spinner=False)
def _photo(name: str) -> np.ndarray:
    return fit_to(load_photo(name), (SIDE, SIDE, 3))
