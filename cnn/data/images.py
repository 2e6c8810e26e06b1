"""Resizing of images and fitting them to a network's input; nothing else in the app resizes."""

import numpy as np
from PIL import Image

from cnn.errors import ImageShapeError

CHANNEL_NAMES = {1: ("grey",), 3: ("red", "green", "blue")}


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize with Pillow's bilinear filter, which averages over all pixels when it shrinks an image.

    Args:
        image: uint8 (H, W, 1) grey or (H, W, 3) RGB.

    Returns:
        uint8 (height, width, same channels), with unchanged values if the size is unchanged.

    Raises:
        ImageShapeError: not uint8, or neither grey nor RGB.

    Source: Pillow documentation, "Concepts", section "Filters".
    """
    return _to_array(_to_pillow(image).resize((width, height), Image.Resampling.BILINEAR))


def fit_to(image: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Fit an image to a network's input.

    The largest centred crop with the network's aspect ratio is resized, so the image is not distorted. RGB is
    converted to grey by luma (ITU-R 601-2), grey to RGB with three equal channels.

    Args:
        image: uint8 (H, W, 1) or (H, W, 3).
        shape: (height, width, channels) of the network's input; channels is 1 or 3.

    Returns:
        uint8 of exactly `shape`.

    Raises:
        ImageShapeError: the image is not uint8 grey or RGB, or the network accepts neither.
    """
    height, width, channels = shape
    if channels not in (1, 3):
        raise ImageShapeError(
            f"The network takes {channels} channels, and an image can have 1 (grey) or 3 (RGB); choose another network."
        )
    scale = min(image.shape[0] / height, image.shape[1] / width)
    crop_height, crop_width = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (image.shape[0] - crop_height) // 2, (image.shape[1] - crop_width) // 2
    crop = _to_pillow(image[top : top + crop_height, left : left + crop_width])
    mode = "L" if channels == 1 else "RGB"
    converted = crop if crop.mode == mode else crop.convert(mode)
    return _to_array(converted.resize((width, height), Image.Resampling.BILINEAR))


def _to_pillow(image: np.ndarray) -> Image.Image:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (1, 3) or 0 in image.shape:
        raise ImageShapeError(
            f"Received an image of {image.dtype} {image.shape}, and uint8 (height, width, 1 or 3) is expected; "
            "convert it first."
        )
    return Image.fromarray(np.ascontiguousarray(image[..., 0] if image.shape[2] == 1 else image))


def _to_array(image: Image.Image) -> np.ndarray:
    pixels = np.array(image)
    return pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
