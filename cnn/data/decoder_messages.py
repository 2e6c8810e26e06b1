"""Keeps decoders from writing about a visitor's files into the server's log; pages say what is wrong with a file."""

import ctypes
import logging
import warnings
from contextlib import suppress

from PIL import Image, features


def silence_decoders() -> None:
    """Turn off what Pillow and the TIFF library in it write to standard error, in this process.

    The library writes a line for each row of a fax that it cannot read: 194 bytes gave 1.2 MB of them. Pillow warns of
    every odd tag.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    if features.check("libtiff"):
        # A Pillow that was built in another way may not show these names; its messages then go on.
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(Image.core.__file__)
            library.TIFFSetErrorHandler(None)
            library.TIFFSetWarningHandler(None)
