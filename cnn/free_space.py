"""The space that is left on the disk of the data folder, asked before something begins that will need some."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from cnn.errors import CnnError
from cnn.limits import FREE_DISK_MEGABYTES, MEGABYTE, limit_in_bytes


def check_free_space(folder: Path, needed: int = 0) -> None:
    """Check that enough of a disk stays free.

    Args:
        folder: on that disk; it exists.
        needed: the bytes that are about to be written.

    Raises:
        CnnError: less than ``CNN_FREE_DISK_MEGABYTES`` would stay free.
    """
    free, floor = free_bytes(folder), limit_in_bytes(FREE_DISK_MEGABYTES)
    if free - needed < floor:
        raise CnnError(
            f"The server's disk has only {free // MEGABYTE:,} MB left, and {floor // MEGABYTE:,} MB have to stay free, "
            "so nothing new is begun. Nothing was lost. Delete runs or images that you no longer need, or tell whoever "
            "runs the server."
        )


def free_bytes(folder: Path) -> int:
    """The bytes that may still be written to the disk of a folder."""
    return shutil.disk_usage(folder).free


def folder_bytes(folder: Path) -> int:
    """The bytes of all files below a folder; 0 if it is not there."""
    size, folders = 0, [str(folder)]
    while folders:
        with suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:  # what goes meanwhile has no size
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    with suppress(FileNotFoundError):
                        size += entry.stat(follow_symlinks=False).st_size
    return size
