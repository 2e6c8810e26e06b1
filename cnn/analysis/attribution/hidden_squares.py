"""A trial of a heatmap: the squares of an image where it is brightest and darkest, to be hidden one at a time."""

import numpy as np

from cnn.analysis.activations.receptive_field import Borders
from cnn.analysis.attribution.occlusion import GREY


def heat_of_pixels(heat: np.ndarray, borders: Borders, height: int, width: int) -> np.ndarray:
    """The heat at the middle of every pixel, 0 where no cell of the heatmap stands.

    Args:
        heat: float (h, w).
        borders: of its cells, see ``heat_borders``.
        height, width: of the image, in pixels.

    Returns:
        float64 (height, width).
    """
    rows, columns = (
        np.searchsorted(ends, (np.arange(side) + 0.5) / side, side="right")
        for ends, side in zip(borders, (height, width), strict=True)
    )
    framed = np.pad(heat.astype(np.float64), 1)  # cell 0 and the last one are what lies outside
    return framed[np.ix_(rows, columns)]


def brightest_and_darkest(heat: np.ndarray, size: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The top left corners, (row, column), of the squares within an image with the most and the least heat.

    Args:
        heat: float (H, W), of every pixel.
        size: side of the square in pixels, at most the image's.
    """
    sums = np.lib.stride_tricks.sliding_window_view(heat, (size, size)).sum(axis=(2, 3))
    brightest, darkest = (np.unravel_index(int(index), sums.shape) for index in (sums.argmax(), sums.argmin()))
    return (int(brightest[0]), int(brightest[1])), (int(darkest[0]), int(darkest[1]))


def hide_square(image: np.ndarray, corner: tuple[int, int], size: int) -> np.ndarray:
    """A copy of an image, uint8 (H, W, C), with a grey square of ``size`` pixels at its top left ``corner``."""
    hidden = image.copy()
    hidden[corner[0] : corner[0] + size, corner[1] : corner[1] + size] = GREY
    return hidden
