"""Where the app keeps its files, and the ids it gives them."""

import os
import secrets
from pathlib import Path

import platformdirs

from cnn.errors import CnnError


def home() -> Path:
    """The app's data folder: ``CNN_HOME``, or the user's data folder of this system. Made if it is not there.

    Raises:
        CnnError: the folder cannot be made or written to.
    """
    folder = Path(os.environ.get("CNN_HOME") or platformdirs.user_data_dir("convnet-lab", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CnnError(
            f"The data folder {folder} cannot be made ({error.strerror}). Set CNN_HOME to a folder you may write to."
        ) from error
    return folder


def new_id() -> str:
    """An unguessable identifier of 22 URL-safe characters (128 random bits); never an option on a command line."""
    while (id := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return id
