"""An image as a ``data:`` address, for markup and for components."""

import base64

import numpy as np

from cnn.data.images import resize
from cnn.figures.mosaic import enlarge_to, png


def image_data_uri(image: np.ndarray | bytes, side: int) -> str:
    """An image as a ``data:`` address of at most ``side`` pixels, not smoothed; a PNG file as it is."""
    if isinstance(image, bytes):
        return "data:image/png;base64," + base64.b64encode(image).decode()
    height, width = image.shape[:2]
    if max(height, width) > side:
        scale = side / max(height, width)
        image = resize(image, max(1, round(height * scale)), max(1, round(width * scale)))
    return "data:image/png;base64," + base64.b64encode(png(enlarge_to(image, side))).decode()
