"""Writing files so that a crash does no harm, and locks between processes.

A file is written under a temporary name in the same folder and then renamed, so a crash leaves the old file or the new
one, never half of one.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cnn.errors import DatasetError

_POLL_SECONDS = 0.25


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


@contextmanager
def sole_use(data_dir: Path, name: str, waiting: Callable[[], None]) -> Iterator[IO[str]]:
    """Hold the lock of the data set ``name``; the lock's file can be inherited by a child process.

    Args:
        waiting: called several times a second while another process holds the lock; may raise.

    Raises:
        DatasetError: ``data_dir`` cannot be written to.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = lock_path(data_dir, name).open("w")
    except OSError as error:
        raise DatasetError(
            f"The folder {data_dir} cannot be written to ({error.strerror}). "
            "Set TFDS_DATA_DIR to a folder you may write to."
        ) from error
    with lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                time.sleep(_POLL_SECONDS)
        yield lock


def lock_path(data_dir: Path, name: str) -> Path:
    return data_dir / f".{name}.lock"
