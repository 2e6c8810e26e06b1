"""Weights as pictures, and what a number can see of an image."""

import numpy as np

_DIMMED = 0.25


def filter_images(weights: np.ndarray) -> list[np.ndarray]:
    """Each unit's weights as a picture: mid-grey is zero, lighter adds, darker takes away, all on one scale.

    Args:
        weights: float (units, h, w, C).

    Returns:
        uint8 (h, w, C) each.
    """
    scale = float(np.abs(weights).max()) or 1.0
    return list(np.round(127.5 + 127.5 * weights / scale).astype(np.uint8))


def spotlight(image: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """An image, dark but for ``rows`` and ``columns``: uint8 (h, w, C)."""
    lit = np.round(image * _DIMMED).astype(np.uint8)
    lit[rows, columns] = image[rows, columns]
    return lit
