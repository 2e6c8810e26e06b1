"""Feature maps and weights as pictures."""

import io

import matplotlib as mpl
import numpy as np
from PIL import Image

from cnn.figures.cells import Borders, place_cells

_GUTTER = 255  # index of the grey between maps in the picture's 256 colours

_STEPS = np.arange(256)
_VIRIDIS = mpl.colormaps["viridis"](_STEPS, bytes=True)[:, :3]  # (256, 3)
_ENDS = ((118, 27), (42, 120), (131, 55))  # (negative, positive) end of red, green and blue
_SIGNED = np.stack([np.interp(_STEPS, (0, 128, 255), (low, 255, high)) for low, high in _ENDS], axis=1).astype(np.uint8)


def feature_map_images(maps: np.ndarray, *, scale_each: bool = False) -> np.ndarray:
    """Feature maps in viridis, darkest for the lowest activation.

    Args:
        maps: float (h, w, filters).
        scale_each: scale each map by itself instead of all together.

    Returns:
        uint8 (filters, h, w, 3).
    """
    low, high = limits(maps, scale_each=scale_each)
    scaled = (maps - low) / np.maximum(high - low, 1e-12)
    return _VIRIDIS[np.clip(255 * scaled, 0, 255).round().astype(np.uint8)].transpose(2, 0, 1, 3)


def limits(maps: np.ndarray, *, scale_each: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The activations drawn darkest and brightest: scalars, or (filters,) if each map is scaled by itself."""
    axes = (0, 1) if scale_each else None
    # After a ReLU the scale starts at zero, even if no activation here is zero.
    return np.minimum(maps.min(axis=axes), 0.0), maps.max(axis=axes)


def signed_weight_images(weights: np.ndarray) -> np.ndarray:
    """Weights on one scale: purple below zero, white at zero, green above.

    Args:
        weights: float (h, w, n).

    Returns:
        uint8 (n, h, w, 3).
    """
    scaled = weights / max(float(np.abs(weights).max()), 1e-12)
    return _SIGNED[(128 + 127 * scaled).round().astype(np.uint8)].transpose(2, 0, 1, 3)


def overview(maps: np.ndarray, side: int = 128) -> bytes:
    """A small square picture of a layer's first maps, as many as fit, on one scale: a PNG file with 256 colours.

    Args:
        maps: float (h, w, filters).
        side: minimum side in pixels; the picture is enlarged by a whole factor, without smoothing.
    """
    low, high = (float(end) for end in limits(maps))
    height, width, filters = maps.shape
    # Between 4 and 36 maps, and at most about 200 pixels before enlarging, because time grows with the size.
    columns = min(6, max(2, 200 // (max(height, width) + 1)), int(np.ceil(np.sqrt(filters))))
    canvas = np.full((columns * (height + 1) - 1, columns * (width + 1) - 1), _GUTTER, np.uint8)
    for index in range(min(columns**2, filters)):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        colours = (maps[..., index] - low) * ((_GUTTER - 1) / max(high - low, 1e-12))
        canvas[top : top + height, left : left + width] = colours
    factor = max(1, -(-side // max(canvas.shape)))
    picture = Image.fromarray(canvas.repeat(factor, axis=0).repeat(factor, axis=1), "P")
    picture.putpalette(_VIRIDIS[:_GUTTER].tobytes() + bytes((128, 128, 128)))
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def overlay(image: np.ndarray, picture: np.ndarray, borders: Borders, opacity: float = 0.6) -> np.ndarray:
    """Lay the picture of a feature map over its image, without smoothing.

    Args:
        image: uint8 (H, W, 1 or 3), as large as it will be shown, see ``place_cells``.
        picture: uint8 (h, w, 3), of a map.
        borders: of the map's cells; outside of them the image stays as it is.
        opacity: of the picture, 0..1.

    Returns:
        uint8 (H, W, 3).
    """
    large, inside = place_cells(picture, borders, *image.shape[:2])
    opacities = (opacity * inside)[..., None]
    return np.round((1 - opacities) * image + opacities * large).astype(np.uint8)
