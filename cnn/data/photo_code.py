"""Python code that reads a photo as the app does, for every page and file that shows or holds code.

It is what ``image_decoding.decode`` and ``images.fit_to`` do, for the files that cameras and programs write: it leaves
out their checks of untrusted bytes, and TIFFs of floating-point pixels.
"""

IMPORTS = "import numpy as np\nfrom PIL import Image, ImageOps\n"

READ_PHOTO = '''\
def read_photo(file):
    """The photo upright, in colour, and white where it is transparent."""
    with Image.open(file) as opened:
        photo = ImageOps.exif_transpose(opened)
    if photo.mode.startswith("I"):  # grey of 16 bits, 0-65535
        photo = Image.fromarray(np.round(np.asarray(photo) / 257).astype("uint8"))
    photo = photo.convert("RGBA")
    white = Image.new("RGB", photo.size, "white")
    white.paste(photo, mask=photo)
    return white
'''

FIT = '''\
def fit(photo, height, width, channels):
    """The middle of the photo, as a network takes it: 0-255, uint8."""
    scale = min(photo.height / height, photo.width / width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (photo.height - h) // 2, (photo.width - w) // 2
    middle = photo.crop((left, top, left + w, top + h))
    middle = middle.convert("L" if channels == 1 else "RGB")
    resized = middle.resize((width, height), Image.Resampling.BILINEAR)
    return np.array(resized).reshape(height, width, channels)
'''

_SHRINK = '''\
def shrink(photo):
    """At most {side} pixels a side, as the app keeps it."""
    scale = min(1, {side} / max(photo.size))
    size = [max(1, round(side * scale)) for side in photo.size]
    return photo.resize(size, Image.Resampling.BILINEAR)
'''

READ_AND_FIT = f"{READ_PHOTO}\n\n{FIT}"
"""Definitions of ``read_photo(file)`` and ``fit(photo, height, width, channels)``; they need ``IMPORTS``."""


def shrink_code(side: int) -> str:
    """Definition of ``shrink(photo)``, which makes a photo at most ``side`` pixels wide and high."""
    return _SHRINK.format(side=side)
