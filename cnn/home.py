"""Where the app keeps its files, and how it writes them.

Files are written to a temporary name in the same folder and renamed, so that a crash leaves the old file or the
new one, never half of one.
"""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace ``path`` by ``content`` in one step.

    Raises:
        OSError: the disk is full or read-only; the old file, if any, is untouched.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """``write_atomically`` of ``value`` as JSON."""
    write_atomically(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` make the file ``path``, all of it or nothing; an older file stays until the new one is whole.

    Raises:
        OSError: the disk is full; nothing half written is left.
    """
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f"partial.{path.name}")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
