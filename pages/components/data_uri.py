"""Images as ``data:`` addresses, for markup and for components."""

import base64

import numpy as np

from cnn.data.images import resize
from cnn.figures.mosaic import enlarge_to, png

PNG_PREFIX = "data:image/png;base64,"


def image_data_uri(image: np.ndarray | bytes, side: int) -> str:
    """The ``data:`` address of an image.

    Args:
        image: uint8 (h, w, C), enlarged without smoothing or reduced; or a PNG file, taken as it is.
        side: pixels of the longer side, at most.
    """
    return png_data_uri(image if isinstance(image, bytes) else thumbnail(image, side))


def thumbnail(image: np.ndarray, side: int) -> bytes:
    """An image as a small PNG file; pages that show the same ones again and again keep these files.

    Args:
        image: uint8 (h, w, C), enlarged without smoothing or reduced.
        side: pixels of the longer side, at most.
    """
    height, width = image.shape[:2]
    if max(height, width) > side:
        scale = side / max(height, width)
        image = resize(image, max(1, round(height * scale)), max(1, round(width * scale)))
    return png(enlarge_to(image, side))


def png_data_uri(file: bytes) -> str:
    """The ``data:`` address of a PNG file."""
    return PNG_PREFIX + base64.b64encode(file).decode()
