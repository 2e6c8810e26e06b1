"""The space that is left on the disk of the data folder, asked before something begins that will need some."""

import shutil
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
