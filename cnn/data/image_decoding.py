"""Decoding of uploaded images; nothing else in the app decodes uploads.

Uploads are untrusted. The size is read from the header before any pixel is decoded, files that are well-formed but
extremely expensive to decode are refused, and ``decode`` raises nothing but ``ImageError``, whatever the bytes are.
Colours are taken as sRGB: embedded ICC profiles are ignored.
"""

import functools
import io
import re
import threading
import unicodedata
from collections.abc import Iterable
from contextlib import nullcontext
from types import ModuleType
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from cnn.data.decoder_messages import silence_decoders
from cnn.data.decoding_bombs import channels_of_first_scan, refuse_decoding_bombs
from cnn.data.photo_strips import read_heif, read_upright
from cnn.errors import ImageError

silence_decoders()

MAX_BYTES = 50 * 2**20
MAX_PIXELS = 40_000_000
MAX_JPEG_PIXELS = 120_000_000  # phones take photos of up to 108 megapixels
MAX_HEIC_PIXELS = 50_000_000  # and of up to 48 in this format
MAX_SIDE = 20_000
_MOST_PIXELS = {"JPEG": MAX_JPEG_PIXELS, "MPO": MAX_JPEG_PIXELS, "HEIF": MAX_HEIC_PIXELS}
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")  # JPEG also opens MPO, which phones write

_MAX_HELD = 230_000_000  # bytes that decoding holds at once; Python and the file itself come on top
_MAX_RESULT = 25_000_000  # pixels; a phone's ordinary photo of 24 megapixels keeps its size
_FACTORS = (1, 2, 4, 8)
_ALONE_PIXELS = 4_000_000  # larger photos are decoded one at a time
_decoding = threading.Lock()
_EXPECTED = "a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
_SHOWN_CATEGORIES = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "So"}
_SHOWN_MARKS = " .,-_+%#!?&'\"()=;§\u200d"


class Decoding(NamedTuple):
    """How a file is decoded.

    Attributes:
        format: as Pillow calls it, such as "JPEG" or "HEIF".
        factor: 1, 2, 4 or 8: its width and height are divided by it, or it would take too much memory.
    """

    format: str = "JPEG"
    factor: int = 1


def decode(data: bytes, name: str) -> np.ndarray:
    """Decode an uploaded image: upright, transparency on white, the first frame of an animation.

    Args:
        data: the file's bytes; JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or MPO, at most `MAX_BYTES`.
        name: the visitor's file name, used only in messages.

    Returns:
        uint8 (H, W, 3), RGB, 0-255. 16-bit integers are scaled from their full range; 32-bit and floating-point pixels
        from 0-1 if they lie in it, else from their minimum to their maximum. A photo that would take too much memory is
        decoded at 1/2, 1/4 or 1/8 of its size, see ``how_decoded``.

    Raises:
        ImageError: the file is too large, truncated, damaged, malicious or of another type.
    """
    return decode_photo(data, name)[0]


def decode_photo(data: bytes, name: str) -> tuple[np.ndarray, Decoding]:
    """As ``decode``; also says how, which code needs that reads the file as the app does."""
    shown = shown_name(name)
    if not data:
        raise ImageError(f"“{shown}” is empty (0 bytes); {_EXPECTED} is expected, so choose the file once more.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"“{shown}” has {len(data) / 2**20:,.1f} MB, and at most {MAX_BYTES // 2**20} MB can be read; "
            "save it smaller, for example as a JPEG, and choose it again."
        )
    try:
        refuse_decoding_bombs(data)
        return _decode(data, shown)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_size_message(shown, "far more pixels than a photo", MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"“{shown}” is not a picture this app can read; {_EXPECTED} is expected, so open it in an image program "
            "and save it as one of these."
        ) from error
    except Exception as error:  # Pillow's plugins raise a dozen types, including struct.error and MemoryError
        raise ImageError(
            f"“{shown}” is cut off or damaged, and a whole {_EXPECTED[2:]} file is expected; send it again, or open it "
            "in an image program and save it anew."
        ) from error


def count_pixels(data: bytes) -> int:
    """The pixels that a file's header declares, before any is decoded; 0 if it is no picture that can be opened."""
    try:
        refuse_decoding_bombs(data)
        _heif_opener()
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return image.width * image.height
    except Exception:  # as many types as in decoding
        return 0


def decode_all(files: Iterable[tuple[str, bytes]]) -> tuple[list[tuple[str, np.ndarray]], list[tuple[str, str]]]:
    """Decode a batch; a bad file does not affect the others.

    Args:
        files: (name, bytes) of each file.

    Returns:
        (name, uint8 (H, W, 3)) of the good files and (name, error message) of the bad ones, in input order.
    """
    good, bad = [], []
    for name, data in files:
        try:
            good.append((name, decode(data, name)))
        except ImageError as error:
            bad.append((name, str(error)))
    return good, bad


def _decode(data: bytes, shown: str) -> tuple[np.ndarray, Decoding]:
    pillow_heif = _heif_opener()
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        decoding = Decoding(image.format or "", _choose_factor(image, data, shown))
        # Thirty photos that arrive at once would take thirty times the memory.
        alone = _decoding if image.width * image.height > _ALONE_PIXELS else nullcontext()
        if decoding.format != "HEIF":
            with alone:
                return _load_upright(image, decoding), decoding
    del image  # it has a copy of the file
    with alone:
        heif = pillow_heif.open_heif(data, remove_stride=False)
        return read_heif(heif[heif.primary_index], decoding.factor), decoding


def _load_upright(image: Image.Image, decoding: Decoding) -> np.ndarray:
    factor = decoding.factor
    if factor > 1 and decoding.format in ("JPEG", "MPO"):
        # Pillow takes the greatest reduction that leaves at least the size it is asked for.
        image.draft(None, (image.width // factor, image.height // factor))
        factor = 1
    image.load()
    return read_upright(image, _exif_orientation(image), factor)


def _exif_orientation(image: Image.Image) -> int:
    # A photo with broken EXIF data is still a photo. Real EXIF data has at most 64 KB.
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1) if len(image.info.get("exif", b"")) < 2**20 else 1
    except Exception:
        return 1


def _choose_factor(image: Image.Image, data: bytes, shown: str) -> int:
    """The least factor with which the memory suffices.

    Raises:
        ImageError: it does not suffice with any, or the image has too many pixels.
    """
    most = _MOST_PIXELS.get(image.format or "", MAX_PIXELS)
    held = {factor: _held_bytes_per_pixel(image, data, factor) for factor in _FACTORS}
    pixels, limit = image.width * image.height, min(most, int(_MAX_HELD / held[_FACTORS[-1]]))
    if pixels > limit or max(image.size) > MAX_SIDE:
        raise ImageError(_size_message(shown, f"{image.width:,} × {image.height:,} pixels", limit))
    fitting = (factor for factor in _FACTORS if pixels * held[factor] <= _MAX_HELD)
    return next(factor for factor in fitting if pixels <= _MAX_RESULT * factor**2)


def _held_bytes_per_pixel(image: Image.Image, data: bytes, factor: int) -> float:
    """Bytes that decoding holds at once for each pixel of the file, as measured.

    Not counted is what Pillow holds twice of files that cameras do not write: a compressed TIFF in one strip.
    """
    result = 3 / factor**2
    if image.format == "WEBP":  # 34 bytes may hold 40 megapixels
        return 12 + result
    if image.format == "AVIF":
        return 6.4 + result
    if image.format == "HEIF":
        # libheif makes RGB of brightness and two colours at half the resolution, and Pillow is left out. Cameras write
        # tiles; what is in one piece is held by the decoder, too.
        decoding = (4.5 if "tiling" in image.info else 6.7) * (2 if image.info.get("bit_depth", 8) > 8 else 1)
        return max(decoding, 3 + result)
    if image.format not in ("JPEG", "MPO"):
        return 4 + result
    layers = getattr(image, "layer", [])
    coefficients = 0.0
    if image.info.get("progressive") or channels_of_first_scan(data) < len(layers):
        # Whatever the scale: two bytes for each number of each channel.
        across, down = (max((layer[axis] for layer in layers), default=1) for axis in (1, 2))
        coefficients = sum(2 * layer[1] * layer[2] / (across * down) for layer in layers)
    return coefficients + 4 / factor**2 + result


@functools.cache
def _heif_opener() -> ModuleType:
    """Teach Pillow to open HEIC, the format in which many phones save photos."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)
    return pillow_heif


def _size_message(shown: str, received: str, most: int) -> str:
    return (
        f"“{shown}” has {received}, and at most {most // 10**6} megapixels ({MAX_JPEG_PIXELS // 10**6} as an ordinary "
        f"JPEG) and {MAX_SIDE:,} pixels a side can be read; set the camera to 12 megapixels, or make it smaller in an "
        "image program, and choose it again."
    )


def shown_name(name: str) -> str:
    """A name from a visitor made safe to display in a sentence: it may hold Markdown or control characters, or be long.

    Letters, digits, emoji and marks that mean nothing to Markdown stay as they are.
    """
    composed = unicodedata.normalize("NFC", name)
    kept = "".join(c if unicodedata.category(c) in _SHOWN_CATEGORIES or c in _SHOWN_MARKS else "-" for c in composed)
    kept = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])|(?i:(?<=www)\.)|&(?=#?\w+;)", "-", kept).strip()
    return (kept if len(kept) <= 40 else f"{kept[:26]}…{kept[-13:]}") or "unnamed"
