"""From an opened photo to an upright array of pixels, a strip of rows at a time.

Each whole copy of a photo of 40 megapixels takes 120 to 160 MB. Here the only one beside the decoder's own is the
result, which may be smaller by a factor.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, TiffImagePlugin

if TYPE_CHECKING:
    import pillow_heif

_STRIP_PIXELS = 2**20

# For each EXIF orientation, a view of an upright array (H, W, C) that is as the camera stored it.
_AS_STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}


def read_upright(image: Image.Image, orientation: int, factor: int) -> np.ndarray:
    """The pixels of an image: transparency on white, greys of 16 and 32 bits scaled to 8.

    Args:
        image: loaded.
        orientation: as EXIF counts them, 1-8; anything else is taken for 1, upright.
        factor: the result has 1/factor of the width and height, of means of so many pixels a side.

    Returns:
        uint8 (H, W, 3).
    """
    is_deep = image.mode.startswith("I") or image.mode == "F"
    to_rgb = _grey_scaling(image) if is_deep else _on_white
    width, height = image.size
    return _assemble((width, height), lambda top, end: to_rgb(image.crop((0, top, width, end))), orientation, factor)


def read_heif(image: "pillow_heif.HeifImage", factor: int) -> np.ndarray:
    """The pixels of an HEIC, which libheif turns upright; see ``read_upright``.

    They are taken from libheif's own memory: Pillow's would be another 4 bytes a pixel.
    """
    image.load()  # only now the size is certain
    data = memoryview(image.data)
    (width, height), mode, stride = image.size, image.mode, image.stride
    to_rgb = _grey_scaling(Image.new(mode, (1, 1))) if mode.startswith("I") else _on_white

    def strip(top: int, end: int) -> Image.Image:
        rows = data[top * stride : end * stride]
        return to_rgb(Image.frombytes(mode, (width, end - top), rows, "raw", mode, stride))

    return _assemble((width, height), strip, 1, factor)


def _assemble(
    size: tuple[int, int], strip: Callable[[int, int], Image.Image], orientation: int, factor: int
) -> np.ndarray:
    """Put strips together.

    Args:
        size: (width, height) of the image as stored.
        strip: gives the rows from one to before another, in RGB.
    """
    width, height = size
    shape = (-(-height // factor), -(-width // factor), 3)
    upright = np.empty((shape[1], shape[0], 3) if orientation in (5, 6, 7, 8) else shape, np.uint8)
    stored = _AS_STORED.get(orientation, _AS_STORED[1])(upright)
    rows = max(1, _STRIP_PIXELS // (width * factor)) * factor
    for top in range(0, height, rows):
        part = strip(top, min(top + rows, height))
        pixels = np.asarray(part.reduce(factor) if factor > 1 else part)
        stored[top // factor : top // factor + len(pixels)] = pixels
    return upright


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def _grey_scaling(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """What makes RGB of a part of a grey image of 16 or 32 bits.

    Pillow's own conversion clips at 255 instead of scaling, which gives a white rectangle.
    """
    tags = getattr(image, "tag_v2", {})
    is_inverted = tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0  # WhiteIsZero
    transparent = image.info.get("transparency")
    scale = _sixteen_bit_scale(tags) if image.mode.startswith("I;16") else _scale_of_range(image, tags)

    def to_rgb(part: Image.Image) -> Image.Image:
        values = np.asarray(part)
        grey = scale(values)
        if is_inverted:
            grey = 255 - grey
        if isinstance(transparent, int):
            grey[values == transparent] = 255
        return Image.fromarray(grey).convert("RGB")

    return to_rgb


def _sixteen_bit_scale(tags: Any) -> Callable[[np.ndarray], np.ndarray]:
    bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0]
    table = np.round(np.clip(np.arange(2**16) / (2**bits - 1), 0, 1) * 255).astype(np.uint8)
    return lambda values: table[values]


def _scale_of_range(image: Image.Image, tags: Any) -> Callable[[np.ndarray], np.ndarray]:
    """0-1 to 0-255 if the whole image lies in it, else from its minimum to its maximum."""
    is_unsigned = image.mode == "I" and tags.get(TiffImagePlugin.SAMPLEFORMAT, (1,))[0] == 1
    width, height = image.size
    rows = max(1, _STRIP_PIXELS // width)
    ends = []
    for top in range(0, height, rows):
        values = np.asarray(image.crop((0, top, width, min(top + rows, height))))
        finite = (values.view(np.uint32) if is_unsigned else values)[np.isfinite(values)]
        ends += [float(finite.min()), float(finite.max())] if finite.size else []
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0

    def scale(values: np.ndarray) -> np.ndarray:
        values = values.view(np.uint32) if is_unsigned else values
        with np.errstate(invalid="ignore"):  # malicious floats: signalling NaN
            fractions = (np.nan_to_num(values.astype(np.float64), nan=low) - low) / ((high - low) or 1.0)
        return np.round(np.clip(fractions, 0, 1) * 255).astype(np.uint8)

    return scale
