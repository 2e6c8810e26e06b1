"""Converts drawings to images like those of the data set ``digits``."""

import numpy as np
from PIL import Image, ImageFilter

from cnn.data.images import resize
from cnn.errors import ImageError, ImageShapeError


def digit_from_drawing(strokes: np.ndarray) -> np.ndarray:
    """Convert a drawn digit to an image like those of the data set `digits`.

    NIST's form-reading program made those: it shears the digit until the leftmost ink of the first row is directly
    above that of the last, scales it to 20 x 32 pixels, centres it in 32 x 32, thickens thin strokes and thins thick
    ones, and counts the ink in blocks of 4 x 4, which gives 8 x 8 numbers from 0 to 16. The same is done here, so
    position, size and pen width do not matter.

    Args:
        strokes: uint8 (H, W), ink 255 on a background of 0.

    Returns:
        uint8 (32, 32, 1): 8 x 8 block averages, enlarged in the same way as `digits`.

    Raises:
        ImageError: nothing is drawn.
        ImageShapeError: not uint8 (H, W).

    Source: Garris et al. (1994), "NIST Form-Based Handprint Recognition System", NISTIR 5469; measured on the 1,797
    `digits`: ink touches rows 0 and 7 in all of them, the leftmost ink is 0.01 +- 0.23 cells apart, and there are
    313 +- 34 pixels of ink.
    """
    if strokes.dtype != np.uint8 or strokes.ndim != 2:
        raise ImageShapeError(
            f"Received a drawing of {strokes.dtype} {strokes.shape}, and uint8 (height, width) is expected; draw again."
        )
    if not strokes.any():
        raise ImageError("The canvas is empty, and a drawn digit is expected; draw one, as large as you like.")
    digit = _crop(_deslant(_crop(strokes)))
    height, width = digit.shape
    natural_width = 32 * width / height
    target_width = min(natural_width * 2, 20) if natural_width < 20 else natural_width / 2
    scaled_width = round(np.clip(target_width, min(natural_width, 20), 26)) or 1
    scaled = Image.fromarray(digit).resize((scaled_width, 32), Image.Resampling.BOX)
    centred = Image.new("L", (32, 32))
    centred.paste(scaled, ((32 - scaled_width) // 2, 0))
    blocks = _normalise_ink(centred).reshape(8, 4, 8, 4).mean(axis=(1, 3))
    sixteenths = np.round(blocks / 255 * 16)
    return resize(np.round(sixteenths * 255 / 16).astype(np.uint8)[..., np.newaxis], 32, 32)


def _ink_mask(strokes: np.ndarray) -> np.ndarray:
    return strokes >= max(1, int(strokes.max()) / 2)


def _crop(strokes: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero(_ink_mask(strokes).any(axis=axis)) for axis in (1, 0))
    return strokes[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _deslant(strokes: np.ndarray) -> np.ndarray:
    mask = _ink_mask(strokes)
    slant = int(mask[0].argmax()) - int(mask[-1].argmax())
    padded = np.pad(strokes, ((0, 0), (abs(slant), abs(slant))))
    shifts = np.round(np.linspace(slant, 0, len(strokes))).astype(int)
    return np.stack([np.roll(row, -shift) for row, shift in zip(padded, shifts, strict=True)])


def _normalise_ink(digit: Image.Image) -> np.ndarray:
    """Thicken or thin the strokes until they have as much ink as most digits: float64 (32, 32), 0-255."""
    pixels = np.asarray(digit, np.float64)
    target = np.clip(pixels.sum(), 280 * 255, 345 * 255)
    too_thin = pixels.sum() < target
    for _ in range(32):  # enough for a single dot to grow to the edges
        if pixels.sum() == target:
            break
        digit = digit.filter(ImageFilter.MaxFilter(3) if too_thin else ImageFilter.MinFilter(3))
        filtered = np.asarray(digit, np.float64)
        if (filtered.sum() < target) != too_thin:
            return pixels + (filtered - pixels) * (target - pixels.sum()) / (filtered.sum() - pixels.sum())
        pixels = filtered
    return pixels
