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


def crop_box(size: tuple[int, int], shape: tuple[int, int, int], place: float = 0.5) -> tuple[int, int, int, int]:
    """The largest part of an image with the aspect ratio of a network's input.

    Args:
        size: (height, width) of the image.
        shape: (height, width, channels) of the network's input.
        place: where it lies, from 0 (at the left or the top) to 1; 0.5 is the middle.

    Returns:
        (top, left, height, width) in pixels of the image.
    """
    scale = min(size[0] / shape[0], size[1] / shape[1])
    height, width = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    return int((size[0] - height) * place), int((size[1] - width) * place), height, width


def fit_to(image: np.ndarray, shape: tuple[int, int, int], place: float | None = 0.5) -> np.ndarray:
    """Fit an image to a network's input.

    The largest crop with the network's aspect ratio is resized, so the image is not distorted. RGB is converted to grey
    by luma (ITU-R 601-2), grey to RGB with three equal channels.

    Args:
        image: uint8 (H, W, 1) or (H, W, 3).
        shape: (height, width, channels) of the network's input; channels is 1 or 3.
        place: of the crop, see ``crop_box``; None to keep the whole image and distort it.

    Returns:
        uint8 of exactly `shape`.

    Raises:
        ImageShapeError: the image is not uint8 grey or RGB, or the network accepts neither.
    """
    channels = shape[2]
    if channels not in (1, 3):
        raise ImageShapeError(
            f"The network takes {channels} channels, and an image can have 1 (grey) or 3 (RGB); choose another network."
        )
    top, left, height, width = (0, 0, *image.shape[:2]) if place is None else crop_box(image.shape[:2], shape, place)
    crop = _to_pillow(image[top : top + height, left : left + width])
    mode = "L" if channels == 1 else "RGB"
    converted = crop if crop.mode == mode else crop.convert(mode)
    return _to_array(converted.resize((shape[1], shape[0]), Image.Resampling.BILINEAR))


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
