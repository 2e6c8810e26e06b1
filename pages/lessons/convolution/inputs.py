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
from pages.widgets.uploads.uploaders import upload_one

SIDE = 64  # of a photo, in pixels: enough to recognise it, few enough to point at each pixel
_INITIAL_GRID = np.tile(np.repeat([40.0, 200.0], 4), (8, 1))  # the grid starts with a vertical edge
_FILE_CODE = 'np.asarray(Image.open("input.png"))'


class WindowInput(NamedTuple):
    """The array that the window slides over.

    Attributes:
        image: (H, W, 1 or 3), any real numbers.
        limits: the numbers drawn black and white.
        code: a Python expression for the same array in generated code; None where the code lists the numbers.
        file: the PNG file that the generated code opens; None where it opens none.
        credit: who took the photo; None if it is no sample photo.
    """

    image: np.ndarray
    limits: tuple[float, float]
    code: str | None
    file: bytes | None = None
    credit: str | None = None


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


def choose_image(name: str) -> tuple[np.ndarray, str | None]:
    """Show the controls of an input, and return its image, and who took it if it is a sample photo.

    Args:
        name: a name of ``input_names`` other than "grid".

    Returns:
        uint8 (H, W, 1 or 3), and the credit.

    Raises:
        ImageError: an upload cannot be read.
        DatasetError: the selected data set is no longer prepared.
    """
    if name == "sample":
        test = catalog.load(selection.dataset(), "test")
        numbers = range(1, len(test) + 1)
        number = linked_inputs.whole("convolution.number", "Number of the test image", numbers, 1, width=220)
        image = test.image(number - 1)
        return image if max(image.shape[:2]) <= SIDE else fit_to(image, (SIDE, SIDE, image.shape[2])), None
    if name == "upload":
        file = upload_one("Photo", TYPES, key="convolution.photo", max_upload_size=MAX_BYTES // 2**20)
        st.caption("Your photo stays on this server while this tab is open, and nobody else sees it.")
        if file is not None:
            return fit_to(decode(file.getvalue(), file.name), (SIDE, SIDE, 3)), None
        name = next(iter(PHOTOS))
    return _sample_photo(name), PHOTOS[name][2]


def prepare_image(image: np.ndarray, shape: tuple[int, int, int], credit: str | None) -> WindowInput:
    """Crop and resize an image to ``shape``; its values stay in 0..255."""
    fitted = fit_to(image, shape)
    return WindowInput(fitted, (0.0, 255.0), _FILE_CODE, png(fitted), credit)


def rescale_image(
    image: np.ndarray, shape: tuple[int, int, int], scale: float, offset: float, credit: str | None
) -> WindowInput:
    """Crop and resize an image, then map each pixel to ``scale * pixel + offset``, as a network's rescaling does."""
    code = f"({_FILE_CODE} * {scale!r} + {offset!r})"
    fitted = fit_to(image, shape)
    return WindowInput(fitted * scale + offset, (offset, 255 * scale + offset), code, png(fitted), credit)


def show_source(shown: WindowInput) -> None:
    """Offer the file that the generated code opens, and say who took the photo, if it is a sample photo."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if shown.credit:
            st.caption(shown.credit, width="content")
        if shown.file:
            name, kind, key = "input.png", "image/png", "convolution.file"
            st.download_button("Download this input", shown.file, name, kind, key=key, type="tertiary")


@st.cache_data(max_entries=2, show_spinner=False)
def _sample_photo(name: str) -> np.ndarray:
    return fit_to(load_photo(name), (SIDE, SIDE, 3))
