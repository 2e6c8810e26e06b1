"""Feature maps as pictures, in the colours of activations."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np

_STEPS = np.arange(256)
_VIRIDIS = mpl.colormaps["viridis"](_STEPS, bytes=True)[:, :3]  # (256, 3)
_ENDS = ((118, 27), (42, 120), (131, 55))  # red, green and blue of the most negative and the most positive weight
_SIGNED = np.stack([np.interp(_STEPS, (0, 128, 255), (low, 255, high)) for low, high in _ENDS], axis=1).astype(np.uint8)


def map_pictures(maps: np.ndarray, *, each: bool = False) -> np.ndarray:
    """Feature maps in viridis, dark for the smallest number.

    Args:
        maps: float (h, w, filters).
        each: every map on a scale of its own; otherwise one scale for all of them.

    Returns:
        uint8 (filters, h, w, 3).
    """
    low, high = limits(maps, each=each)
    share = (maps - low) / np.maximum(high - low, 1e-12)
    return _VIRIDIS[np.clip(255 * share, 0, 255).round().astype(np.uint8)].transpose(2, 0, 1, 3)


def limits(maps: np.ndarray, *, each: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The numbers drawn darkest and brightest: one for all, or (filters,) where each map has a scale of its own."""
    axes = (0, 1) if each else None
    # A layer that ends in ReLU begins at zero, also where nothing is zero in this picture.
    return np.minimum(maps.min(axis=axes), 0.0), maps.max(axis=axes)


def signed_pictures(weights: np.ndarray) -> np.ndarray:
    """Weights on one scale: purple below zero, white at zero, green above.

    Args:
        weights: float (h, w, n).

    Returns:
        uint8 (n, h, w, 3).
    """
    share = weights / max(float(np.abs(weights).max()), 1e-12)
    return _SIGNED[(128 + 127 * share).round().astype(np.uint8)].transpose(2, 0, 1, 3)


def overview(maps: np.ndarray, side: int, gutter: int = 1, most: int = 36) -> np.ndarray:
    """One small square picture of a layer: its first maps, on one scale.

    Args:
        maps: float (h, w, filters).
        side: pixels of the picture, at least; enlarged by whole steps, never smoothed.

    Returns:
        uint8 (s, s, 3).
    """
    count = min(most, maps.shape[2])
    columns = int(np.ceil(np.sqrt(count)))
    pictures: Sequence[np.ndarray] = list(map_pictures(maps[..., :count]))
    height, width = maps.shape[:2]
    canvas = np.full((columns * (height + gutter) - gutter, columns * (width + gutter) - gutter, 3), 128, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + gutter), number % columns * (width + gutter)
        canvas[top : top + height, left : left + width] = picture
    factor = max(1, -(-side // canvas.shape[0]))
    return canvas.repeat(factor, axis=0).repeat(factor, axis=1)


def overlay(image: np.ndarray, picture: np.ndarray, share: float = 0.6) -> np.ndarray:
    """A map's picture laid over the image it answers to, not smoothed.

    Args:
        image: uint8 (H, W, 1 or 3).
        picture: uint8 (h, w, 3), of a map.

    Returns:
        uint8 (H, W, 3).
    """
    height, width = image.shape[:2]
    rows = np.arange(height) * picture.shape[0] // height
    columns = np.arange(width) * picture.shape[1] // width
    large = picture[rows][:, columns]
    return np.round((1 - share) * image + share * large).astype(np.uint8)
