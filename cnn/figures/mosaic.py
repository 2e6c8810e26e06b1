"""Enlarging images without smoothing, and arranging them in a grid."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

GUTTER = 2
PNG_COMPRESSION = 4  # of 9: as small as Pillow's own 6 for enlarged pixels, in half the time


def enlarge(image: np.ndarray, factor: int) -> np.ndarray:
    """Enlarge each pixel to ``factor`` x ``factor`` pixels: uint8 (h, w, C) -> (h * factor, w * factor, C)."""
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def enlarge_to(image: np.ndarray, side: int) -> np.ndarray:
    """Enlarge by the largest whole factor, at least 1, that keeps the longer side within ``side``."""
    return enlarge(image, max(1, side // max(image.shape[:2])))


def mosaic(images: Sequence[np.ndarray], columns: int, factor: int = 1, background: int = 255) -> np.ndarray:
    """Arrange images of one size in a grid, row by row, with a gutter of two pixels.

    Args:
        images: each uint8 (h, w, C).
        columns: images per row.
        factor: enlargement of each image.
        background: grey value, 0-255, of the gutter and of empty cells.

    Returns:
        uint8 (H, W, C).
    """
    height, width, channels = (*images[0].shape[:2], images[0].shape[2])
    cell_h, cell_w = height * factor + GUTTER, width * factor + GUTTER
    rows = -(-len(images) // columns)
    canvas = np.full((rows * cell_h - GUTTER, columns * cell_w - GUTTER, channels), background, np.uint8)
    for index, image in enumerate(images):
        top, left = index // columns * cell_h, index % columns * cell_w
        canvas[top : top + height * factor, left : left + width * factor] = enlarge(image, factor)
    return canvas


def png(image: np.ndarray) -> bytes:
    """Encode a uint8 (h, w, 1) grey or (h, w, 3) RGB image as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(file, "PNG", compress_level=PNG_COMPRESSION)
    return file.getvalue()
