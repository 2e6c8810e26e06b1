"""The kernels to choose from, as pictures of themselves; the selected one is in the address."""

from functools import lru_cache

import numpy as np
import streamlit as st

from cnn.analysis.convolution.first_layer import FirstConvolution
from cnn.analysis.convolution.kernels import KERNELS, kernel
from cnn.figures.feature_maps import weight_grid
from cnn.figures.mosaic import png
from pages.components.image_picker import Choice, clicked_image, image_picker
from pages.shell import permalink
from pages.shell.page_layout import show_link_problems

LEARNED = "learned"
NAMES = KERNELS | {LEARNED: "Learned by the network"}
SIDE = 41  # of a picture, in pixels: nine stand beside two select boxes on a laptop
_CAPTIONS = {
    "sobel_upright": "Sobel,\nupright",
    "sobel_level": "Sobel,\nlevel",
    "edges": "All\nedges",
    "blur": "Blur",
    "soft_blur": "Soft\nblur",
    "sharpen": "Sharpen",
    "emboss": "Emboss",
    "identity": "Nothing",
    LEARNED: "Learned",
}
_KERNEL, _FILTER, _TILES = "convolution.kernel", "convolution.filter", "convolution.kernels"
_CLICKS = "convolution.kernel_clicks"


def read_kernel(has_learned: bool) -> str:
    """The selected kernel, one of ``NAMES``: from a link, else the last choice.

    Args:
        has_learned: whether the selected network has learned filters to choose as well.
    """
    valid = list(NAMES) if has_learned else list(KERNELS)
    permalink.read(_KERNEL, valid, valid[0], label="Kernel", title=NAMES.__getitem__)
    show_link_problems(_KERNEL)
    permalink.write(_KERNEL, valid[0])
    return str(st.session_state[_KERNEL])


def show_kernels(selected: str, first_layer: FirstConvolution | None) -> None:
    """Show the named kernels, and the selected filter of a network's first layer, if there is one.

    Args:
        selected: the marked one of ``NAMES``.
    """
    grids = {name: kernel(name) for name in KERNELS}
    if first_layer is not None:
        filters = first_layer.kernels.mean(axis=2)  # of its input's channels, for one picture
        index = min(int(st.session_state.get(_FILTER, 1)), filters.shape[2]) - 1
        grids[LEARNED] = filters[..., index]
    choices = [Choice(name, _picture(grid), _CAPTIONS[name], NAMES[name]) for name, grid in grids.items()]
    image_picker("Kernel", choices, selected, SIDE, key=_TILES, in_one_row=True, on_choose=_choose_clicked_kernel)


def kernel_clicks() -> int:
    """How often a kernel was clicked: even the marked one begins anew, without what was painted over it."""
    return int(st.session_state.get(_CLICKS, 0))


def _choose_clicked_kernel() -> None:
    """Put the kernel that was clicked into the address, where *Back* finds the one before."""
    permalink.choose_text(_KERNEL, str(clicked_image(_TILES)))
    st.session_state[_CLICKS] = kernel_clicks() + 1


def _picture(weights: np.ndarray) -> bytes:
    """A PNG file of a kernel, float (h, w), twice as large as it is shown: for screens of many pixels."""
    return _drawn(weights.shape, weights.astype(np.float64).tobytes())


@lru_cache(maxsize=256)
def _drawn(shape: tuple[int, int], weights: bytes) -> bytes:
    return png(weight_grid(np.frombuffer(weights).reshape(shape), 2 * SIDE))
