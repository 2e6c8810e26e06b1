"""Kernels with a name: what people put into image filters before networks learned their own."""

import numpy as np

from cnn.analysis.convolution.window import LARGEST
from cnn.errors import ConfigError

KERNELS = {
    "sobel_upright": "Sobel, upright edges",
    "sobel_level": "Sobel, level edges",
    "edges": "Edges all round",
    "blur": "Blur",
    "soft_blur": "Soft blur (Gaussian)",
    "sharpen": "Sharpen",
    "emboss": "Emboss",
    "identity": "Nothing (identity)",
}
"""Name in code and address -> what a person calls it."""

_FROM_TWO = ("sobel_upright", "sobel_level")


def kernel(name: str, size: int = 3) -> np.ndarray:
    """A named kernel.

    Args:
        name: one of ``KERNELS``.
        size: cells a side, 1..7; the Sobel kernels need 2.

    Returns:
        float64 (size, size). Blurs sum to 1, edges to 0; the middle of an even size is the cell below and right of it.

    Raises:
        ConfigError: unknown, or impossible in this size.

    Source: Gonzalez & Woods, Digital Image Processing, chapter 3; larger Sobel kernels smooth and differentiate with
    binomial coefficients, as OpenCV's ``getDerivKernels`` does.
    """
    if name not in KERNELS:
        raise ConfigError(f"There is no kernel “{name}”. Known: {', '.join(KERNELS)}.")
    smallest = 2 if name in _FROM_TWO else 1
    if not smallest <= size <= LARGEST:
        raise ConfigError(f"“{KERNELS[name]}” has {size} cells a side; choose {smallest} to {LARGEST}.")
    spot = np.zeros((size, size))
    spot[size // 2, size // 2] = 1
    binomial = _binomial(size)
    match name:
        case "sobel_upright":
            return np.outer(binomial, _slope(size))
        case "sobel_level":
            return np.outer(_slope(size), binomial)
        case "edges":
            return spot * size**2 - 1
        case "blur":
            return np.full((size, size), 1 / size**2)
        case "soft_blur":
            return np.outer(binomial, binomial) / binomial.sum() ** 2
        case "sharpen":
            return spot * (size**2 + 1) - 1
        case "emboss":
            rows, columns = np.mgrid[:size, :size]
            return rows + columns - (size - 1) + spot
    return spot


def _binomial(size: int) -> np.ndarray:
    """Row ``size - 1`` of Pascal's triangle: 1, 2, 1 for three."""
    row = np.ones(1)
    for _ in range(size - 1):
        row = np.convolve(row, [1, 1])
    return row


def _slope(size: int) -> np.ndarray:
    """What differentiates and smooths the rest: -1, 0, 1 for three."""
    return np.convolve(_binomial(size - 1), [-1, 1])
