"""The one place where images are resized, and fitted to what a network takes."""

import numpy as np
from PIL import Image

from cnn.errors import ImageShapeError

CHANNEL_NAMES = {1: ("grey",), 3: ("red", "green", "blue")}


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """The one resize of this app: Pillow's bilinear filter, which averages over all pixels when it reduces.

    Args:
        image: uint8 (H, W, 1) grey or (H, W, 3) RGB.

    Returns:
        uint8 (height, width, same channels); the same values if the size is the same.

    Raises:
        ImageShapeError: not uint8, or neither grey nor RGB.

    Source: Pillow documentation, "Concepts", section "Filters".
    """
    return _to_array(_to_pillow(image).resize((width, height), Image.Resampling.BILINEAR))


def fit_to(image: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """What a network gets to see of an image.

    The largest centred part with the network's aspect ratio is kept, so that nothing is squashed, and resized. Colour
    becomes grey by luma (ITU-R 601-2), grey becomes RGB with three equal channels.

    Args:
        image: uint8 (H, W, 1) or (H, W, 3).
        shape: (height, width, channels) of the network's input; channels is 1 or 3.

    Returns:
        uint8 of exactly `shape`.

    Raises:
        ImageShapeError: the image is not uint8 grey or RGB, or the network takes neither.
    """
    height, width, channels = shape
    if channels not in (1, 3):
        raise ImageShapeError(
            f"The network takes {channels} channels, and an image can have 1 (grey) or 3 (RGB); choose another network."
        )
    scale = min(image.shape[0] / height, image.shape[1] / width)
    kept_height, kept_width = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (image.shape[0] - kept_height) // 2, (image.shape[1] - kept_width) // 2
    kept = _to_pillow(image[top : top + kept_height, left : left + kept_width])
    mode = "L" if channels == 1 else "RGB"
    coloured = kept if kept.mode == mode else kept.convert(mode)
    return _to_array(coloured.resize((width, height), Image.Resampling.BILINEAR))


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
