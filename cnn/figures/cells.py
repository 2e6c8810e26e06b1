"""The cells of a map in a picture: which pixel shows which number."""

import numpy as np

Borders = tuple[np.ndarray, np.ndarray]
"""Borders of a map's cells from top to bottom, float (h + 1,), and from left to right, float (w + 1,), as fractions of
the picture's height and width; some may lie outside of 0..1."""


def place_cells(values: np.ndarray, borders: Borders, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Fill the cells of a map with its values, without smoothing. What hangs over the picture's edge is cut off.

    Args:
        values: (h, w) or (h, w, C).
        borders: of the cells.
        height, width: of the picture in pixels. Borders are drawn between pixels, so within half a pixel: a cell with
            borders in the middle of pixels needs a picture enlarged to twice its size.

    Returns:
        The values at each pixel, (height, width) or (height, width, C), and bool (height, width): false in the margin,
        where there is no cell and the values mean nothing.
    """
    rows, columns = (_cell_of_each_pixel(*ends) for ends in zip(borders, (height, width), strict=True))
    inside = (rows >= 0)[:, None] & (columns >= 0)
    return values[np.maximum(rows, 0)][:, np.maximum(columns, 0)], inside


def _cell_of_each_pixel(borders: np.ndarray, side: int) -> np.ndarray:
    """The index of the cell that each pixel's middle lies in: int64 (side,), -1 for none."""
    # Rounded, because a third of 96 pixels may come out a little above or below the 32 that it is.
    indices = np.searchsorted(np.round(borders * side, 6), np.arange(side) + 0.5, side="right") - 1
    return np.where(indices < len(borders) - 1, indices, -1)
