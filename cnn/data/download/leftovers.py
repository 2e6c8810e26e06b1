"""What killed preparations leave in a TFDS folder, and how to tell it from what is still being made.

Of a killed process TFDS never removes ``incomplete.*`` and ``*.tmp.*``. Whoever prepares a set holds the lock of its
name, which the system releases when the last process that holds it is gone, however it went.
"""

import fcntl
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cnn.files import lock_path

ABANDONED_SECONDS = 600.0
"""What no lock guards is left over when it has not changed for so long."""


def leftovers(data_dir: Path, name: str) -> list[Path]:
    """Everything half done of the data set ``name``, in use or not."""
    archives = data_dir / "downloads" / name
    return [
        *(data_dir / name).glob("incomplete.*"),
        *(data_dir / name).glob("*/incomplete.*"),
        *archives.glob("*.tmp.*"),
        *archives.glob("extracted/incomplete.*"),
        *(path for path in archives.glob("*.INFO") if not path.with_suffix("").exists()),
    ]


def remove(paths: Iterable[Path]) -> int:
    """Remove files and folders, those that can be; how many are gone."""
    removed = 0
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        removed += not path.exists()
    return removed


def sweep(data_dir: Path) -> int:
    """Remove what killed preparations left in the TFDS folder ``data_dir``, but nothing that is in use.

    What a dead process of ours left goes at once; what no lock guards (another program's, a built-in set's) goes when
    it has not changed for ``ABANDONED_SECONDS``.

    Returns:
        How many files and folders were removed.
    """
    removed = remove(filter(_is_abandoned, data_dir.glob("incomplete.*")))
    for name in sorted({path.name for pattern in ("*", "downloads/*") for path in data_dir.glob(pattern)}):
        try:
            with lock_path(data_dir, name).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                removed += remove(leftovers(data_dir, name))
        except BlockingIOError:
            continue
        except OSError:
            removed += remove(filter(_is_abandoned, leftovers(data_dir, name)))
    return removed


def _is_abandoned(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - max(p.stat().st_mtime for p in [path, *path.rglob("*")]) > ABANDONED_SECONDS
    return False
