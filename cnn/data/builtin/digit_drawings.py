"""Drawings made into images like those of the data set ``digits``."""

import numpy as np
from PIL import Image, ImageFilter

from cnn.data.images import resize
from cnn.errors import ImageError, ImageShapeError


def digit_from_drawing(strokes: np.ndarray) -> np.ndarray:
    """A drawn digit as an image like those of the data set `digits`.

    Those were made by NIST's form-reading program: the slant is sheared away until the leftmost ink of the first and
    the last row stand one above the other, the digit is scaled to 20 x 32 pixels and centred in 32 x 32, thin strokes
    are thickened and thick ones thinned, and ink is counted in blocks of 4 x 4, which gives 8 x 8 numbers of 0-16.
    The same is done here, so neither place, size nor pen matters.

    Args:
        strokes: uint8 (H, W), ink 255 on 0.

    Returns:
        uint8 (32, 32, 1): 8 x 8 block averages, enlarged as `digits` are.

    Raises:
        ImageError: nothing is drawn.
        ImageShapeError: not uint8 (H, W).

    Source: Garris et al. (1994), "NIST Form-Based Handprint Recognition System", NISTIR 5469; measured on the 1,797
    `digits`: ink reaches rows 0 and 7 in all of them, leftmost ink 0.01 +- 0.23 cells apart, 313 +- 34 pixels of ink.
    """
    if strokes.dtype != np.uint8 or strokes.ndim != 2:
        raise ImageShapeError(
            f"Received a drawing of {strokes.dtype} {strokes.shape}, and uint8 (height, width) is expected; draw again."
        )
    if not strokes.any():
        raise ImageError("The canvas is empty, and a drawn digit is expected; draw one, as large as you like.")
    pen = _cropped(_upright_strokes(_cropped(strokes)))
    height, width = pen.shape
    natural = 32 * width / height
    scaled_width = round(np.clip(min(natural * 2, 20) if natural < 20 else natural / 2, min(natural, 20), 26)) or 1
    scaled = Image.fromarray(pen).resize((scaled_width, 32), Image.Resampling.BOX)
    centred = Image.new("L", (32, 32))
    centred.paste(scaled, ((32 - scaled_width) // 2, 0))
    blocks = _with_usual_ink(centred).reshape(8, 4, 8, 4).mean(axis=(1, 3))
    sixteenths = np.round(blocks / 255 * 16)
    return resize(np.round(sixteenths * 255 / 16).astype(np.uint8)[..., np.newaxis], 32, 32)


def _ink(strokes: np.ndarray) -> np.ndarray:
    return strokes >= max(1, int(strokes.max()) / 2)


def _cropped(strokes: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero(_ink(strokes).any(axis=axis)) for axis in (1, 0))
    return strokes[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _upright_strokes(strokes: np.ndarray) -> np.ndarray:
    ink = _ink(strokes)
    lean = int(ink[0].argmax()) - int(ink[-1].argmax())
    padded = np.pad(strokes, ((0, 0), (abs(lean), abs(lean))))
    shifts = np.round(np.linspace(lean, 0, len(strokes))).astype(int)
    return np.stack([np.roll(row, -shift) for row, shift in zip(padded, shifts, strict=True)])


def _with_usual_ink(digit: Image.Image) -> np.ndarray:
    """float64 (32, 32), 0-255, strokes thickened or thinned until there are as many pixels of ink as in most digits."""
    now = np.asarray(digit, np.float64)
    wanted = np.clip(now.sum(), 280 * 255, 345 * 255)
    too_thin = now.sum() < wanted
    for _ in range(32):  # a speck is thickened until it reaches the edges
        if now.sum() == wanted:
            break
        digit = digit.filter(ImageFilter.MaxFilter(3) if too_thin else ImageFilter.MinFilter(3))
        then = np.asarray(digit, np.float64)
        if (then.sum() < wanted) != too_thin:
            return now + (then - now) * (wanted - now.sum()) / (then.sum() - now.sum())
        now = then
    return now
