"""Weights as pictures, and receptive fields in an image."""

import numpy as np

_DIMMED = 0.25


def filter_images(weights: np.ndarray) -> list[np.ndarray]:
    """Draw each unit's weights on one scale: mid-grey is zero, lighter is positive, darker negative.

    Args:
        weights: float (units, h, w, C).

    Returns:
        uint8 (h, w, C) each.
    """
    scale = float(np.abs(weights).max()) or 1.0
    return list(np.round(127.5 + 127.5 * weights / scale).astype(np.uint8))


def spotlight(image: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """Darken an image, uint8 (h, w, C), outside of ``rows`` and ``columns``."""
    dimmed = np.round(image * _DIMMED).astype(np.uint8)
    dimmed[rows, columns] = image[rows, columns]
    return dimmed
