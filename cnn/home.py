"""The app's data folder and its format, and the ids of what is stored in it."""

import functools
import os
import secrets
from contextlib import suppress
from pathlib import Path

import platformdirs

from cnn.errors import CnnError, DamagedFileError
from cnn.files import write_json
from cnn.stored_files import read_object, whole

DATA_FORMAT = 1
"""Version of the layout of the data folder: one more whenever an older app would misread what this one writes.

A folder without ``format.json`` is of version 1, which is how version 0.1 of the app left it.
"""


def home() -> Path:
    """The app's data folder: ``CNN_HOME``, or the system's folder for user data. Created if missing.

    Raises:
        CnnError: the folder cannot be created, or a newer version of the app has written it.
    """
    folder = Path(os.environ.get("CNN_HOME") or platformdirs.user_data_dir("convnet-lab", appauthor=False))
    try:
        if not folder.is_dir():  # asked first, because it is nearly always there, and to be told so by an error is slow
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CnnError(
            f"The data folder {folder} cannot be made ({error.strerror}). Set CNN_HOME to a folder you may write to."
        ) from error
    _check_format(folder)
    return folder


@functools.lru_cache(maxsize=64)
def _check_format(folder: Path) -> None:
    """Look once a process: what asks for the data folder does so many times a second.

    Raises:
        CnnError: the folder's format is newer than ``DATA_FORMAT``, or its ``format.json`` cannot be read.
    """
    file = folder / "format.json"
    try:
        if not os.path.lexists(file):
            with suppress(OSError):  # a folder that can only be read is of use as well
                write_json(file, {"format": DATA_FORMAT})
            return
        written = whole(read_object(file), "format", 0, 2**31)
    except DamagedFileError as error:
        raise CnnError(
            f"{file} should say in which format the data folder is, but it cannot be read. {error} "
            "Restore it from a backup, or set CNN_HOME to another folder."
        ) from error
    if written > DATA_FORMAT:
        raise CnnError(
            f"The data folder {folder} was written by a newer version of Convnet Lab (format {written}; this version "
            f"reads up to {DATA_FORMAT}). Update the app, or set CNN_HOME to another folder."
        )


def new_id() -> str:
    """A random id of 22 URL-safe characters (128 bits) that no command line takes for an option."""
    while (id := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return id
