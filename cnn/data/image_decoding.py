"""Decoding of uploaded images; nothing else in the app decodes uploads.

Uploads are untrusted. The size is read from the header before any pixel is decoded, files that are well-formed but
extremely expensive to decode are refused, and ``decode`` raises nothing but ``ImageError``, whatever the bytes are.
Colours are taken as sRGB: embedded ICC profiles are ignored.
"""

import functools
import io
import re
import unicodedata
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin, TiffTags, UnidentifiedImageError

from cnn.errors import ImageError

# The size is checked here, before any pixel is decoded.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

MAX_BYTES = 50 * 2**20
MAX_PIXELS = 40_000_000
MAX_JPEG_PIXELS = 120_000_000  # phones take photos of up to 108 megapixels
MAX_SIDE = 20_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")  # JPEG also opens MPO, which phones write

_MAX_SCANS = 100  # a progressive JPEG has about 10; one with 400, in 229 KB, takes 18 s to decode
_MAX_SEGMENTS = 2_000
_MAX_TAG_BYTES = 2**20  # room for 262,144 strips; 4 million of them take 31 s and 1.3 GB
_REDUCED_PIXELS = 20_000_000  # at most, of a JPEG of more than MAX_PIXELS
_EXPECTED = "a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
_SHOWN_CATEGORIES = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "So"}
_SHOWN_MARKS = " .,-_+%#!?&'\"()=;§\u200d"
_TRANSPOSE_FOR_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(data: bytes, name: str) -> np.ndarray:
    """Decode an uploaded image: upright, transparency on white, the first frame of an animation.

    Args:
        data: the file's bytes; JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or MPO, at most `MAX_BYTES`.
        name: the visitor's file name, used only in messages.

    Returns:
        uint8 (H, W, 3), RGB, 0-255. 16-bit integers are scaled from their full range; 32-bit and floating-point pixels
        from 0-1 if they lie in it, else from their minimum to their maximum. A JPEG of more than `MAX_PIXELS` is
        decoded at 1/2, 1/4 or 1/8 of its size.

    Raises:
        ImageError: the file is too large, truncated, damaged, malicious or of another type.
    """
    shown = shown_name(name)
    if not data:
        raise ImageError(f"“{shown}” is empty (0 bytes); {_EXPECTED} is expected, so choose the file once more.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"“{shown}” has {len(data) / 2**20:,.1f} MB, and at most {MAX_BYTES // 2**20} MB can be read; "
            "save it smaller, for example as a JPEG, and choose it again."
        )
    try:
        _refuse_decoding_bombs(data)
        _register_heif()
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image, shown)
            _reduce_if_huge(image)
            image.load()
            method = _TRANSPOSE_FOR_ORIENTATION.get(_exif_orientation(image))
            rgb = _to_rgb(image)
        return np.array(rgb if method is None else rgb.transpose(method))
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_size_message(shown, "far more pixels than a photo")) from error
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


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _scale_to_grey(image).convert("RGB")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def _scale_to_grey(image: Image.Image) -> Image.Image:
    # Pillow's own conversion clips at 255 instead of scaling, which gives a white rectangle.
    tags = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0]
        fractions = np.arange(2**16) / (2**bits - 1)
        # A lookup table, so that 40 megapixels fit in memory.
        grey = np.round(np.clip(fractions, 0, 1) * 255).astype(np.uint8)[values]
    else:
        if image.mode == "I" and tags.get(TiffImagePlugin.SAMPLEFORMAT, (1,))[0] == 1:
            values = values.view(np.uint32)
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        with np.errstate(invalid="ignore"):  # malicious floats: signalling NaN
            fractions = (np.nan_to_num(values.astype(np.float64), nan=low) - low) / ((high - low) or 1.0)
        grey = np.round(np.clip(fractions, 0, 1) * 255).astype(np.uint8)
    if tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0:  # WhiteIsZero
        grey = 255 - grey
    if isinstance(transparent := image.info.get("transparency"), int):
        grey[values == transparent] = 255
    return Image.fromarray(grey)


def _exif_orientation(image: Image.Image) -> int:
    # A photo with broken EXIF data is still a photo. Real EXIF data has at most 64 KB.
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1) if len(image.info.get("exif", b"")) < 2**20 else 1
    except Exception:
        return 1


def _check_size(image: Image.Image, shown: str) -> None:
    width, height = image.size
    if width * height > (MAX_JPEG_PIXELS if _can_be_reduced(image) else MAX_PIXELS) or max(image.size) > MAX_SIDE:
        raise ImageError(_size_message(shown, f"{width:,} × {height:,} pixels"))


def _can_be_reduced(image: Image.Image) -> bool:
    # A progressive JPEG is held in memory as a whole before its first pixel is decoded, whatever the scale.
    return image.format in ("JPEG", "MPO") and not image.info.get("progressive")


def _reduce_if_huge(image: Image.Image) -> None:
    """Have a huge JPEG decoded at a fraction of its size: 108 megapixels as such would take 750 MB of memory."""
    width, height = image.size
    if width * height <= MAX_PIXELS:
        return
    # Pillow takes the greatest reduction that leaves at least the size it is asked for.
    factor = next(factor for factor in (2, 4, 8) if width * height <= _REDUCED_PIXELS * factor**2)
    image.draft(None, (width // factor, height // factor))


@functools.cache
def _register_heif() -> None:
    """Teach Pillow to open HEIC, the format in which many phones save photos."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)


def _size_message(shown: str, received: str) -> str:
    return (
        f"“{shown}” has {received}, and at most {MAX_PIXELS // 10**6} megapixels ({MAX_JPEG_PIXELS // 10**6} as a "
        f"JPEG) and {MAX_SIDE:,} pixels a side can be read; make it smaller in an image program and choose it again."
    )


def _refuse_decoding_bombs(data: bytes) -> None:
    """Raise ValueError for files that no program writes and that take minutes to decode."""
    if data.startswith(b"\xff\xd8"):
        _refuse_too_many_jpeg_scans(data)
    elif data[:4] in TiffImagePlugin.PREFIXES:
        for child in _refuse_too_many_tiff_tags(data):
            _refuse_too_many_tiff_tags(data, child)


def _refuse_too_many_jpeg_scans(data: bytes) -> None:
    # Inside a scan, 0xFF is followed by 0x00 or a restart marker; anything else starts a segment or is padding.
    marker = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
    scans = segments = exifs = offset = 0
    while (match := marker.search(data, offset)) and match[0] != b"\xff\xd9":
        segments += 1
        scans += match[0] == b"\xff\xda"
        exifs += data.startswith(b"Exif", match.end() + 2)
        padding = 0 if scans else match.start() - offset
        if scans > _MAX_SCANS or segments > _MAX_SEGMENTS or exifs > 20 or padding > 2**20:
            raise ValueError("a JPEG with too many scans or segments")
        offset = match.end() + int.from_bytes(data[match.end() : match.end() + 2])


def _refuse_too_many_tiff_tags(data: bytes, offset: int | None = None) -> list[int]:
    """Check one directory with Pillow's own reader, so that both read the same; return its children's offsets."""
    directory: Any = TiffImagePlugin.ImageFileDirectory_v2(data[: 16 if 43 in data[2:4] else 8])
    file = io.BytesIO(data)
    file.seek(directory.next if offset is None else offset)
    directory.load(file)
    sizes = (len(value) for tag, value in directory._tagdata.items() if directory.tagtype[tag] not in (1, 2, 7))
    if sum(sizes) > _MAX_TAG_BYTES:
        raise ValueError("a TIFF with too many tag values")
    return [directory[tag] for tag in TiffTags.TAGS_V2_GROUPS if isinstance(directory.get(tag), int)]


def shown_name(name: str) -> str:
    """A name from a visitor made safe to display in a sentence: it may hold Markdown or control characters, or be long.

    Letters, digits, emoji and marks that mean nothing to Markdown stay as they are.
    """
    composed = unicodedata.normalize("NFC", name)
    kept = "".join(c if unicodedata.category(c) in _SHOWN_CATEGORIES or c in _SHOWN_MARKS else "-" for c in composed)
    kept = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])|(?i:(?<=www)\.)|&(?=#?\w+;)", "-", kept).strip()
    return (kept if len(kept) <= 40 else f"{kept[:26]}…{kept[-13:]}") or "unnamed"
