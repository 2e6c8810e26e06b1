"""Feature maps and weights as pictures.

Maps without negative numbers, as after ReLU, are drawn in viridis, dark at zero. With negative numbers they have the
colours of weights: purple below zero, white at zero, green above.
"""

import io

import matplotlib as mpl
import numpy as np
from PIL import Image

from cnn.figures.cells import Borders, place_cells
from cnn.figures.mosaic import GUTTER, mosaic

_GUTTER = 255  # index of the grey between maps in the picture's 256 colours

_LINES = 190  # grey between the cells of a kernel

_STEPS = np.arange(256)
_VIRIDIS = mpl.colormaps["viridis"](_STEPS, bytes=True)[:, :3]  # (256, 3)
_ENDS = ((118, 27), (42, 120), (131, 55))  # (negative, positive) end of red, green and blue


def _signed_colours(zero: int, last: int) -> np.ndarray:
    """Colours with the numbers 0 (the most negative) to ``last``, white at ``zero``: uint8 (last + 1, 3)."""
    steps = np.arange(last + 1)
    return np.stack([np.interp(steps, (0, zero, last), (low, 255, high)) for low, high in _ENDS], 1).astype(np.uint8)


_SIGNED = _signed_colours(128, 255)
_PALETTES = {False: _VIRIDIS[:_GUTTER], True: _signed_colours(127, _GUTTER - 1)}  # of overviews, by ``is_signed``


def is_signed(maps: np.ndarray) -> bool:
    """Whether some number is below zero, so that zero is white instead of dark."""
    return bool(maps.min() < 0)


def feature_map_images(maps: np.ndarray, *, scale_each: bool = False) -> np.ndarray:
    """Feature maps as pictures: dark at zero, or white at zero if any of them has a negative number.

    Args:
        maps: float (h, w, filters).
        scale_each: scale each map by itself instead of all together.

    Returns:
        uint8 (filters, h, w, 3).
    """
    _, high = limits(maps, scale_each=scale_each)
    if is_signed(maps):
        return _signed_images(maps, high)
    scaled = maps / np.maximum(high, 1e-12)
    return _VIRIDIS[(255 * scaled).round().astype(np.uint8)].transpose(2, 0, 1, 3)


def limits(maps: np.ndarray, *, scale_each: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The activations at the two ends of the colours: scalars, or (filters,) if each map is scaled by itself.

    From zero to the highest; with negative numbers as far below zero as above, so that zero is in the middle.
    """
    axes = (0, 1) if scale_each else None
    if is_signed(maps):
        largest = np.abs(maps).max(axis=axes)
        return -largest, largest
    return np.zeros_like(maps.max(axis=axes)), maps.max(axis=axes)


def signed_weight_images(weights: np.ndarray) -> np.ndarray:
    """Weights on one scale: purple below zero, white at zero, green above.

    Args:
        weights: float (h, w, n).

    Returns:
        uint8 (n, h, w, 3).
    """
    return _signed_images(weights, np.abs(weights).max())


def weight_grid(weights: np.ndarray, side: int) -> np.ndarray:
    """The weights of one kernel as a grid of cells with lines between them, in the colours of weights.

    Args:
        weights: float (h, w).
        side: pixels of the longer side, at most.

    Returns:
        uint8 (H, W, 3).
    """
    rows, columns = weights.shape
    longer = max(rows, columns)
    cells = signed_weight_images(weights[..., None])[0].reshape(rows * columns, 1, 1, 3)
    factor = max(1, (side - (longer - 1) * GUTTER) // longer)
    return mosaic(list(cells), columns, factor, background=_LINES)


def _signed_images(values: np.ndarray, largest: np.ndarray) -> np.ndarray:
    scaled = values / np.maximum(largest, 1e-12)
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
        canvas[top : top + height, left : left + width] = colours.round()
    factor = max(1, -(-side // max(canvas.shape)))
    picture = Image.fromarray(canvas.repeat(factor, axis=0).repeat(factor, axis=1), "P")
    picture.putpalette(_PALETTES[is_signed(maps)].tobytes() + bytes((128, 128, 128)))
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
