"""Python code that reads a photo as the app does, for every page and file that shows or holds code.

It is what ``image_decoding.decode`` and ``images.fit_to`` do, for the files that cameras and programs write: it leaves
out their checks of untrusted bytes, and TIFFs of floating-point pixels.
"""

from dataclasses import dataclass

from cnn.data.image_decoding import Decoding

IMPORTS = "import numpy as np\nfrom PIL import Image, ImageOps\n"

_READ_PHOTO = '''\
{opener}def read_photo(file):
    """The photo upright, in colour, and white where it is transparent."""
{hint}    with Image.open(file) as opened:
{draft}        photo = ImageOps.exif_transpose(opened)
    if photo.mode.startswith("I"):  # grey of 16 bits, 0-65535
        photo = Image.fromarray(np.round(np.asarray(photo) / 257).astype("uint8"))
    photo = photo.convert("RGBA")
    white = Image.new("RGB", photo.size, "white")
    white.paste(photo, mask=photo)
    return white{reduced}
'''
_OPENER = "register_heif_opener()  # so that Pillow reads HEIC\n\n\n"
_HINT = """\
    # For HEIC, first: from pillow_heif import register_heif_opener; register_heif_opener()
"""
_DRAFT = """\
        # So large a JPEG is decoded at 1/{factor} of its size, as in the app.
        opened.draft(None, (opened.width // {factor}, opened.height // {factor}))
"""
_REDUCED = ".reduce({factor})  # so large a photo is made smaller at once, as in the app"

_FIT = '''\
def fit(photo, height, width, channels):
    """{docstring}"""
{crop}    {part} = {part}.convert("L" if channels == 1 else "RGB")
    resized = {part}.resize((width, height), Image.Resampling.BILINEAR)
    return np.array(resized).reshape(height, width, channels)
'''
_CROP = """\
    scale = min(photo.height / height, photo.width / width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = {top}, {left}
    {part} = photo.crop((left, top, left + w, top + h))
"""

_SHRINK = '''\
def shrink(photo):
    """At most {side} pixels a side, as the app keeps it."""
    scale = min(1, {side} / max(photo.size))
    size = [max(1, round(side * scale)) for side in photo.size]
    return photo.resize(size, Image.Resampling.BILINEAR)
'''


@dataclass(frozen=True)
class PhotoReading:
    """How the app has read the photo that a page shows.

    Attributes:
        decoding: of its file; None for a picture without one, and for what is neither huge nor HEIC.
        place: of the part that the network got, see ``images.fit_to``; None if all was squeezed in.
    """

    decoding: Decoding | None = None
    place: float | None = 0.5


def read_photo_code(decoding: Decoding | None = None) -> str:
    """Definition of ``read_photo(file)``.

    Args:
        decoding: how the app has decoded the photo; None for any that is neither huge nor HEIC. For an HEIC it needs
            ``register_heif_opener`` of pillow_heif beside ``IMPORTS``.
    """
    name, factor = decoding or Decoding()
    by_draft = factor > 1 and name in ("JPEG", "MPO")
    return _READ_PHOTO.format(
        opener=_OPENER if name == "HEIF" else "",
        hint="" if name == "HEIF" else _HINT,
        draft=_DRAFT.format(factor=factor) if by_draft else "",
        reduced=_REDUCED.format(factor=factor) if factor > 1 and not by_draft else "",
    )


def fit_code(place: float | None = 0.5) -> str:
    """Definition of ``fit(photo, height, width, channels)``.

    Args:
        place: of the part that the network gets, see ``images.fit_to``.
    """
    if place is None:
        docstring = "The whole photo, squeezed in, as a network takes it: 0-255, uint8."
        return _FIT.format(docstring=docstring, crop="", part="photo")
    if place == 0.5:
        docstring, part = "The middle of the photo, as a network takes it: 0-255, uint8.", "middle"
        top, left = "(photo.height - h) // 2", "(photo.width - w) // 2"
    else:
        docstring, part = "The part of the photo that was chosen, as a network takes it: 0-255, uint8.", "part"
        top, left = f"int((photo.height - h) * {place})", f"int((photo.width - w) * {place})"
    return _FIT.format(docstring=docstring, crop=_CROP.format(top=top, left=left, part=part), part=part)


def shrink_code(side: int) -> str:
    """Definition of ``shrink(photo)``, which makes a photo at most ``side`` pixels wide and high."""
    return _SHRINK.format(side=side)


FIT = fit_code()
READ_AND_FIT = f"{read_photo_code()}\n\n{FIT}"
"""Definitions of ``read_photo(file)`` and ``fit(photo, height, width, channels)``; they need ``IMPORTS``."""
