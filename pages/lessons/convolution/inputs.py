"""The inputs of the Convolution page: a sample photo, a test image, an uploaded photo, or an editable grid."""

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

SIDE = 64  # of a photo, in pixels: enough to recognise it, few enough to point at each pixel
_INITIAL_GRID = np.tile(np.repeat([40.0, 200.0], 4), (8, 1))  # the grid starts with a vertical edge
_FILE_CODE = 'np.asarray(Image.open("input.png"))'


class WindowInput(NamedTuple):
    """The array that the window slides over.

    Attributes:
        image: (H, W, 1 or 3), any real numbers.
        limits: the numbers drawn black and white.
        code: a Python expression for the same array in generated code; None where the code lists the numbers.
    """

    image: np.ndarray
    limits: tuple[float, float]
    code: str | None


def input_names() -> dict[str, str]:
    """The available inputs: name -> title."""
    samples = {"sample": "A test image"} if catalog.is_prepared(selection.dataset()) else {}
    photos = {name: title for name, (title, _, _) in PHOTOS.items()}
    return {**photos, "grid": "A small grid to type into", **samples, "upload": "Your own photo"}


def edit_grid() -> WindowInput:
    """Show an editable grid of 8 x 8 numbers."""
    table = pd.DataFrame(_INITIAL_GRID, columns=[str(column + 1) for column in range(8)])
    edited = st.data_editor(table, key="convolution.grid", hide_index=True, width=560)
    numbers = np.nan_to_num(edited.to_numpy(np.float64)).clip(-1000, 1000)[..., None]
    return WindowInput(numbers, (min(0.0, numbers.min()), max(255.0, numbers.max())), None)


def choose_image(name: str) -> np.ndarray:
    """Show the controls and the credit of an input, and return its image.

    Args:
        name: a name of ``input_names`` other than "grid".

    Returns:
        uint8 (H, W, 1 or 3).

    Raises:
        ImageError: an upload cannot be read.
        DatasetError: the selected data set is no longer prepared.
    """
    if name == "sample":
        test = catalog.load(selection.dataset(), "test")
        numbers = range(1, len(test) + 1)
        number = linked_inputs.whole("convolution.number", "Number of the test image", numbers, 1, width=220)
        image = test.image(number - 1)
        return image if max(image.shape[:2]) <= SIDE else fit_to(image, (SIDE, SIDE, image.shape[2]))
    if name == "upload":
        file = st.file_uploader("Photo", TYPES, key="convolution.photo", max_upload_size=MAX_BYTES // 2**20)
        st.caption("Your photo stays in this server's memory, and nobody else sees it.")
        if file is not None:
            return fit_to(decode(file.getvalue(), file.name), (SIDE, SIDE, 3))
        name = next(iter(PHOTOS))
    st.caption(PHOTOS[name][2])
    return _sample_photo(name)


def prepare_image(image: np.ndarray, shape: tuple[int, int, int]) -> WindowInput:
    """Crop and resize an image to ``shape``; its values stay in 0..255."""
    return WindowInput(fit_to(image, shape), (0.0, 255.0), _FILE_CODE)


def rescale_image(image: np.ndarray, shape: tuple[int, int, int], scale: float, offset: float) -> WindowInput:
    """Crop and resize an image, then map each pixel to ``scale * pixel + offset``, as a network's rescaling does."""
    code = f"({_FILE_CODE} * {scale!r} + {offset!r})"
    return WindowInput(fit_to(image, shape) * scale + offset, (offset, 255 * scale + offset), code)


def show_download(image: np.ndarray, shape: tuple[int, int, int]) -> None:
    """Offer the image file that the generated code opens."""
    file = png(fit_to(image, shape))
    st.download_button("Download this input", file, "input.png", "image/png", key="convolution.file", type="tertiary")


@st.cache_data(max_entries=2, show_spinner=False)
def _sample_photo(name: str) -> np.ndarray:
    return fit_to(load_photo(name), (SIDE, SIDE, 3))
