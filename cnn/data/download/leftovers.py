"""Removes what killed preparations leave in a TFDS folder, but nothing that is still in progress.

TFDS never removes the ``incomplete.*`` and ``*.tmp.*`` of a killed process. A process that prepares a set holds the
lock named after the set, which the system releases once the last holder has ended, however it ended.
"""

import fcntl
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cnn.files import lock_path

ABANDONED_SECONDS = 600.0
"""Files without a lock count as abandoned once they have not changed for this long."""


def find_leftovers(data_dir: Path, name: str) -> list[Path]:
    """All partial files and folders of the data set ``name``, whether in use or not."""
    archives = data_dir / "downloads" / name
    return [
        *(data_dir / name).glob("incomplete.*"),
        *(data_dir / name).glob("*/incomplete.*"),
        *archives.glob("*.tmp.*"),
        *archives.glob("extracted/incomplete.*"),
        *(path for path in archives.glob("*.INFO") if not path.with_suffix("").exists()),
    ]


def remove_paths(paths: Iterable[Path]) -> int:
    """Remove as many of the files and folders as possible; returns how many are gone."""
    removed = 0
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        removed += not path.exists()
    return removed


def remove_abandoned(data_dir: Path) -> int:
    """Remove the leftovers of killed preparations from the TFDS folder ``data_dir``, but nothing in use.

    Leftovers of the app's own dead processes are removed at once; files without a lock (those of other programs and
    of built-in sets) once they have not changed for ``ABANDONED_SECONDS``.

    Returns:
        Number of files and folders removed.
    """
    removed = remove_paths(filter(_is_abandoned, data_dir.glob("incomplete.*")))
    for name in sorted({path.name for pattern in ("*", "downloads/*") for path in data_dir.glob(pattern)}):
        try:
            with lock_path(data_dir, name).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                removed += remove_paths(find_leftovers(data_dir, name))
        except BlockingIOError:
            continue
        except OSError:
            removed += remove_paths(filter(_is_abandoned, find_leftovers(data_dir, name)))
    return removed


def _is_abandoned(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - max(p.stat().st_mtime for p in [path, *path.rglob("*")]) > ABANDONED_SECONDS
    return False
