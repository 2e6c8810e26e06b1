"""Feature maps as pictures, in the colours of activations."""

import io

import matplotlib as mpl
import numpy as np
from PIL import Image

_GUTTER = 255  # this one of 256 colours is the grey between maps

_STEPS = np.arange(256)
_VIRIDIS = mpl.colormaps["viridis"](_STEPS, bytes=True)[:, :3]  # (256, 3)
_ENDS = ((118, 27), (42, 120), (131, 55))  # red, green and blue of the most negative and the most positive weight
_SIGNED = np.stack([np.interp(_STEPS, (0, 128, 255), (low, 255, high)) for low, high in _ENDS], axis=1).astype(np.uint8)


def feature_map_images(maps: np.ndarray, *, each: bool = False) -> np.ndarray:
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


def signed_weight_images(weights: np.ndarray) -> np.ndarray:
    """Weights on one scale: purple below zero, white at zero, green above.

    Args:
        weights: float (h, w, n).

    Returns:
        uint8 (n, h, w, 3).
    """
    share = weights / max(float(np.abs(weights).max()), 1e-12)
    return _SIGNED[(128 + 127 * share).round().astype(np.uint8)].transpose(2, 0, 1, 3)


def overview(maps: np.ndarray, side: int = 128) -> bytes:
    """One small square picture of a layer: its first maps on one scale, as many as fit, as a PNG file of 256 colours.

    Args:
        maps: float (h, w, filters).
        side: pixels of the picture, at least; whole steps of enlargement, never smoothed.
    """
    low, high = (float(end) for end in limits(maps))
    height, width, filters = maps.shape
    # At least four and at most 36, and never a picture of more than some 200 pixels: it takes as long as it is large.
    columns = min(6, max(2, 200 // (max(height, width) + 1)), int(np.ceil(np.sqrt(filters))))
    canvas = np.full((columns * (height + 1) - 1, columns * (width + 1) - 1), _GUTTER, np.uint8)
    for number in range(min(columns**2, filters)):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        share = (maps[..., number] - low) * ((_GUTTER - 1) / max(high - low, 1e-12))
        canvas[top : top + height, left : left + width] = share
    factor = max(1, -(-side // max(canvas.shape)))
    picture = Image.fromarray(canvas.repeat(factor, axis=0).repeat(factor, axis=1), "P")
    picture.putpalette(_VIRIDIS[:_GUTTER].tobytes() + bytes((128, 128, 128)))
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


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
