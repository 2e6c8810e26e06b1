"""Many small images as one picture, enlarged without smoothing."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

GUTTER = 2


def enlarge(image: np.ndarray, factor: int) -> np.ndarray:
    """Each pixel as a square of ``factor`` x ``factor``: uint8 (h, w, C) -> (h * factor, w * factor, C)."""
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def enlarge_to(image: np.ndarray, side: int) -> np.ndarray:
    """Enlarged by the largest whole factor that keeps its longer side within ``side``, at least 1."""
    return enlarge(image, max(1, side // max(image.shape[:2])))


def mosaic(images: Sequence[np.ndarray], columns: int, factor: int = 1, background: int = 255) -> np.ndarray:
    """Images of one size side by side, row by row, with a gutter of two pixels.

    Args:
        images: each uint8 (h, w, C).
        columns: images a row.
        factor: how much each is enlarged.
        background: grey value, 0-255, of the gutter and of empty places.

    Returns:
        uint8 (H, W, C).
    """
    height, width, channels = (*images[0].shape[:2], images[0].shape[2])
    cell_h, cell_w = height * factor + GUTTER, width * factor + GUTTER
    rows = -(-len(images) // columns)
    canvas = np.full((rows * cell_h - GUTTER, columns * cell_w - GUTTER, channels), background, np.uint8)
    for number, image in enumerate(images):
        top, left = number // columns * cell_h, number % columns * cell_w
        canvas[top : top + height * factor, left : left + width * factor] = enlarge(image, factor)
    return canvas


def png(image: np.ndarray) -> bytes:
    """A PNG file of a uint8 (h, w, 1) grey or (h, w, 3) RGB image."""
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(file, "PNG")
    return file.getvalue()
