"""Named kernels: the hand-designed image filters from before networks learned their own."""

import numpy as np

from cnn.analysis.convolution.window import LARGEST
from cnn.errors import ConfigError

KERNELS = {
    "sobel_upright": "Sobel, upright edges",
    "sobel_level": "Sobel, level edges",
    "edges": "All edges",
    "blur": "Blur",
    "soft_blur": "Soft blur (Gaussian)",
    "sharpen": "Sharpen",
    "emboss": "Emboss",
    "identity": "Nothing (identity)",
}
"""Name in code and address -> title."""

_AT_LEAST_TWO = ("sobel_upright", "sobel_level")


def kernel(name: str, size: int = 3) -> np.ndarray:
    """Build a named kernel.

    Args:
        name: one of ``KERNELS``.
        size: cells per side, 1..7; at least 2 for the Sobel kernels.

    Returns:
        float64 (size, size). Blurs sum to 1, edges to 0; the middle of an even size is the cell below and right of it.

    Raises:
        ConfigError: the name is unknown, or the kernel does not exist in this size.

    Source: Gonzalez & Woods, Digital Image Processing, chapter 3; larger Sobel kernels smooth and differentiate with
    binomial coefficients, as OpenCV's ``getDerivKernels`` does.
    """
    if name not in KERNELS:
        raise ConfigError(f"There is no kernel “{name}”. Known: {', '.join(KERNELS)}.")
    min_size = 2 if name in _AT_LEAST_TWO else 1
    if not min_size <= size <= LARGEST:
        raise ConfigError(f"“{KERNELS[name]}” has {size} cells a side; choose {min_size} to {LARGEST}.")
    impulse = np.zeros((size, size))
    impulse[size // 2, size // 2] = 1
    binomial = _binomial(size)
    match name:
        case "sobel_upright":
            return np.outer(binomial, _derivative(size))
        case "sobel_level":
            return np.outer(_derivative(size), binomial)
        case "edges":
            return impulse * size**2 - 1
        case "blur":
            return np.full((size, size), 1 / size**2)
        case "soft_blur":
            return np.outer(binomial, binomial) / binomial.sum() ** 2
        case "sharpen":
            return impulse * (size**2 + 1) - 1
        case "emboss":
            rows, columns = np.mgrid[:size, :size]
            return rows + columns - (size - 1) + impulse
    return impulse


def most_similar_kernel(weights: np.ndarray) -> tuple[str, float]:
    """The named kernel, or its negative, that a filter resembles most.

    Args:
        weights: float (size, size), at least 2 cells a side.

    Returns:
        The name, and the cosine similarity, -1..1: 1 for the same pattern at any strength, -1 for its negative, 0 for
        weights that are all 0.
    """
    length = float(np.linalg.norm(weights)) or 1.0
    similarities = {}
    for name in KERNELS:
        named = kernel(name, len(weights))
        similarities[name] = float((weights * named).sum() / length / np.linalg.norm(named))
    best = max(similarities, key=lambda name: abs(similarities[name]))
    return best, similarities[best]


def _binomial(size: int) -> np.ndarray:
    """Row ``size - 1`` of Pascal's triangle: 1, 2, 1 for three."""
    row = np.ones(1)
    for _ in range(size - 1):
        row = np.convolve(row, [1, 1])
    return row


def _derivative(size: int) -> np.ndarray:
    """A smoothing derivative: -1, 0, 1 for three."""
    return np.convolve(_binomial(size - 1), [-1, 1])
