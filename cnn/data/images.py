"""The one place where uploads are decoded and images are resized.

Uploads are untrusted. Size is read from the header before pixels are decoded, files that are valid in form but
ruinous to decode are refused, and whatever the bytes are, the only exception that leaves ``decode`` is `ImageError`.
Colours are taken as sRGB: embedded ICC profiles are ignored.
"""

import io
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageFilter, TiffImagePlugin, TiffTags, UnidentifiedImageError

from cnn.errors import ImageError, ImageShapeError

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 40_000_000
MAX_SIDE = 20_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")  # JPEG opens MPO too, which phones write

_MAX_SCANS = 100  # a progressive JPEG has about 10; 400 of them, in 229 KB, take 18 s to decode
_MAX_SEGMENTS = 2_000
_MAX_TAG_BYTES = 2**20  # room for 262,144 strips; 4 million of them take 31 s and 1.3 GB
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_WANTED = "a JPEG, PNG, WebP, GIF, BMP or TIFF"
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(data: bytes, name: str) -> np.ndarray:
    """The picture in an uploaded file: right way up, on white where transparent, the first frame if it moves.

    Args:
        data: the file's bytes; JPEG, PNG, WebP, GIF, BMP, TIFF or MPO, at most `MAX_BYTES`.
        name: the file's name, from the visitor; used in messages only.

    Returns:
        uint8 (H, W, 3), RGB, 0-255. Integers of 16 bits are scaled from their full range; 32-bit and floating-point
        pixels too if they lie in 0-1, else from their smallest to their largest value.

    Raises:
        ImageError: the file is too large, of another kind, cut off, damaged or hostile.
    """
    shown = _display_name(name)
    if not data:
        raise ImageError(f"“{shown}” is empty (0 bytes); {_WANTED} is expected, so choose the file once more.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"“{shown}” has {len(data) / 2**20:,.1f} MB, and at most {MAX_BYTES // 2**20} MB can be read; "
            "save it smaller, for example as a JPEG, and choose it again."
        )
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise ImageError(
            f"“{shown}” is a HEIC photo, the format many phones save by default, and {_WANTED} is expected; share it "
            "as JPEG, or set the phone to JPEG (iPhone: Settings, Camera, Formats, Most Compatible) and take it again."
        )
    try:
        _refuse_ruinous(data)
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _refuse_huge(image.size, shown)
            image.load()
            method = _UPRIGHT.get(_orientation(image))
            rgb = _to_rgb(image)
        return np.array(rgb if method is None else rgb.transpose(method))
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large(shown, "far more pixels than a photo")) from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"“{shown}” is not a picture this app can read; {_WANTED} is expected, so open it in an image program "
            "and save it as one of these."
        ) from error
    except Exception as error:  # Pillow's plugins raise a dozen kinds, down to struct.error and MemoryError
        raise ImageError(
            f"“{shown}” is cut off or damaged, and a whole {_WANTED[2:]} file is expected; send it again, or open it "
            "in an image program and save it anew."
        ) from error


def decode_all(files: Iterable[tuple[str, bytes]]) -> tuple[list[tuple[str, np.ndarray]], list[tuple[str, str]]]:
    """Decode a batch; a bad file does not disturb the others.

    Args:
        files: (name, bytes) of each file.

    Returns:
        (name, uint8 (H, W, 3)) of the good files and (name, sentence) of the bad ones, both in the order given.
    """
    good, bad = [], []
    for name, data in files:
        try:
            good.append((name, decode(data, name)))
        except ImageError as error:
            bad.append((name, str(error)))
    return good, bad


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
    return resize(_to_array(kept.convert("L" if channels == 1 else "RGB")), height, width)


def from_drawing(strokes: np.ndarray) -> np.ndarray:
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


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_to_grey(image).convert("RGB")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def _deep_to_grey(image: Image.Image) -> Image.Image:
    # Pillow's own conversion clips at 255 instead of scaling, which leaves a white rectangle.
    tags = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0]
        shares = np.arange(2**16) / (2**bits - 1)
        grey = np.round(np.clip(shares, 0, 1) * 255).astype(np.uint8)[values]  # a table: 40 megapixels fit in memory
    else:
        if image.mode == "I" and tags.get(TiffImagePlugin.SAMPLEFORMAT, (1,))[0] == 1:
            values = values.view(np.uint32)
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        with np.errstate(invalid="ignore"):  # hostile floats: signalling NaN
            shares = (np.nan_to_num(values.astype(np.float64), nan=low) - low) / ((high - low) or 1.0)
        grey = np.round(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    if tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0:  # white is zero
        grey = 255 - grey
    if isinstance(transparent := image.info.get("transparency"), int):
        grey[values == transparent] = 255
    return Image.fromarray(grey)


def _orientation(image: Image.Image) -> int:
    # A photo with broken notes is still a photo. Real ones are at most 64 KB.
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1) if len(image.info.get("exif", b"")) < 2**20 else 1
    except Exception:
        return 1


def _refuse_huge(size: tuple[int, int], shown: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise ImageError(_too_large(shown, f"{width:,} × {height:,} pixels"))


def _too_large(shown: str, received: str) -> str:
    return (
        f"“{shown}” has {received}, and at most {MAX_PIXELS // 10**6} megapixels and {MAX_SIDE:,} pixels a side can "
        "be read; make it smaller in an image program and choose it again."
    )


def _refuse_ruinous(data: bytes) -> None:
    """Raise ValueError for files that no program writes and that keep a decoder busy for minutes."""
    if data.startswith(b"\xff\xd8"):
        _refuse_jpeg_of_endless_scans(data)
    elif data[:4] in TiffImagePlugin.PREFIXES:
        for child in _refuse_tiff_of_endless_tags(data):
            _refuse_tiff_of_endless_tags(data, child)


def _refuse_jpeg_of_endless_scans(data: bytes) -> None:
    # Inside a scan 0xFF is followed by 0x00 or a restart marker; anything else begins a segment or is padding.
    marker = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
    scans = segments = exifs = at = 0
    while (found := marker.search(data, at)) and found[0] != b"\xff\xd9":
        segments += 1
        scans += found[0] == b"\xff\xda"
        exifs += data.startswith(b"Exif", found.end() + 2)
        padding = 0 if scans else found.start() - at
        if scans > _MAX_SCANS or segments > _MAX_SEGMENTS or exifs > 20 or padding > 2**20:
            raise ValueError("a JPEG of endless scans or segments")
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2])


def _refuse_tiff_of_endless_tags(data: bytes, offset: int | None = None) -> list[int]:
    """Check one directory with Pillow's own reader, so that both see the same; return where its children are."""
    directory: Any = TiffImagePlugin.ImageFileDirectory_v2(data[: 16 if 43 in data[2:4] else 8])
    file = io.BytesIO(data)
    file.seek(directory.next if offset is None else offset)
    directory.load(file)
    numbers = (len(value) for tag, value in directory._tagdata.items() if directory.tagtype[tag] not in (1, 2, 7))
    if sum(numbers) > _MAX_TAG_BYTES:
        raise ValueError("a TIFF of endless tags")
    return [directory[tag] for tag in TiffTags.TAGS_V2_GROUPS if isinstance(directory.get(tag), int)]


def _display_name(name: str) -> str:
    # A name may hold Markdown, control characters, right-to-left overrides, or a novel.
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in " .,-_+%" else "-" for c in name)
    kept = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])|(?i:(?<=www)\.)", "-", kept).strip()
    return (kept if len(kept) <= 40 else f"{kept[:26]}…{kept[-13:]}") or "unnamed"
