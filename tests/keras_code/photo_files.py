"""Photos of the kinds that people bring and simple code reads wrongly, built small."""

from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

ORDINARY = ("turned.jpg", "grey-16-bits.png", "cmyk.jpg", "palette-with-alpha.png", "wide.jpg")
SPECIAL = ("turned.heic", "huge.jpg", "huge.png")  # HEIC, and larger than is decoded at full size
KINDS = (*ORDINARY, *SPECIAL)
_ORIENTATION = 274


def write_photo(folder: Path, kind: str, seed: int = 0) -> Path:
    """Write a photo of one of ``KINDS`` into ``folder``: smooth, in colours, and alike in no direction."""
    random = np.random.default_rng([KINDS.index(kind), seed])
    width, height = (250, 60) if kind == "wide.jpg" else (123, 90)
    if kind in ("huge.jpg", "huge.png"):
        width, height = 8000, 4400
    coarse = Image.fromarray(random.integers(0, 256, (5, 7, 4), np.uint8))
    smooth = coarse.resize((width, height), Image.Resampling.BICUBIC)
    file = folder / kind
    match kind:
        case "turned.jpg":  # as a phone writes it that was held upright
            exif = Image.Exif()
            exif[_ORIENTATION] = 6
            smooth.convert("RGB").save(file, exif=exif)
        case "grey-16-bits.png":
            grey = np.asarray(smooth.convert("L")).astype(np.uint16)
            Image.fromarray(grey * 257 - np.minimum(grey, 100)).save(file)
        case "cmyk.jpg":
            smooth.convert("RGB").convert("CMYK").save(file)
        case "palette-with-alpha.png":
            palette = smooth.convert("RGB").quantize(32)
            palette.info["transparency"] = bytes(range(0, 256, 8))
            palette.save(file)
        case "wide.jpg" | "huge.jpg":
            smooth.convert("RGB").save(file)
        case "huge.png":
            smooth.convert("RGB").quantize(32).save(file, compress_level=1)
        case "turned.heic":
            exif = Image.Exif()
            exif[_ORIENTATION] = 6
            pillow_heif.from_pillow(smooth.convert("RGB")).save(file, quality=90, exif=exif.tobytes())
    return file
