"""Probabilities as components get them: short, but never rounded to 0 or 1."""

from typing import Any

import numpy as np

SMALLEST = 1e-4


def shorten_probabilities(probabilities: np.ndarray) -> Any:
    """Probabilities in four decimals, which is what a browser draws of them.

    What is more than 0 stays so, and what is less than 1 too, because a page writes "under 1 %" and "over 99 %" there.

    Args:
        probabilities: float, 0..1, of any shape; NaN, as of a network that has diverged, counts as 0.

    Returns:
        Lists of numbers, nested as the array is.
    """
    exact = np.nan_to_num(np.asarray(probabilities, np.float64))
    inside = np.clip(exact.round(4), SMALLEST, 1 - SMALLEST)
    return np.where((exact <= 0) | (exact >= 1), exact, inside).round(4).tolist()
