"""Reads uploaded zips of images, which are untrusted.

Nothing is ever written to a path from the zip, so path traversal is impossible. Its directory, each file and the total
are read up to a limit, whatever sizes the zip declares.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cnn.data.image_decoding import MAX_BYTES, shown_name
from cnn.errors import DatasetError, ImageError

MAX_FILES = 2_000
MAX_UNPACKED = 400 * 2**20
MAX_DIRECTORY = 2 * 2**20  # bytes; 20,000 files, most of which may be added by macOS

_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
_ARCHIVE_SIGNATURES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
)
_END, _END_SIZE, _LOCATOR_SIZE = b"PK\x05\x06", 22, 20


class ZipEntry(NamedTuple):
    """One file of a zip: its folders' names, its own name, and its bytes or the reason for refusing it."""

    folders: tuple[str, ...]
    name: str
    data: bytes | None
    refusal: str | None


def read_files(path: Path) -> tuple[list[tuple[str, ...]], Iterator[ZipEntry]]:
    """Read the files of a zip, without folders and files that operating systems add (``__MACOSX``, ``.DS_Store``).

    Returns:
        Their paths, each as a tuple of folder names and the file's own name; and an iterator that reads the files in
        the same order. A refused file does not affect the others.

    Raises:
        DatasetError: it is not a zip or too large; the iterator raises it too if the total unpacked size is too large.
    """
    try:
        with path.open("rb") as file:
            _refuse_huge_directory(file)
        with zipfile.ZipFile(path) as archive:
            entries = [
                entry for entry in archive.infolist() if not entry.is_dir() and not _is_added_by_system(_name(entry))
            ]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DatasetError(
            "This is not a whole zip file. Zip the folder that holds a folder for each class once more, and send that."
        ) from error
    if len(entries) > MAX_FILES:
        raise DatasetError(
            f"These are {len(entries):,} files, and at most {MAX_FILES:,} can be taken; choose fewer of each class."
        )
    return [_path_parts(_name(entry)) for entry in entries], _read_all(path, entries)


def _read_all(path: Path, entries: list[zipfile.ZipInfo]) -> Iterator[ZipEntry]:
    unpacked = 0
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            *folders, name = _path_parts(_name(entry))
            try:
                data, refusal = _read_file(archive, entry, shown_name(name)), None
                unpacked += len(data)
            except ImageError as error:
                data, refusal = None, str(error)
            if unpacked > MAX_UNPACKED:
                raise DatasetError(
                    f"What you sent unpacks to more than {MAX_UNPACKED // 2**20} MB; make the images smaller or fewer."
                )
            yield ZipEntry(tuple(folders), name, data, refusal)


def _read_file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shown: str) -> bytes:
    if _leads_outside(_name(entry)):
        raise ImageError(
            f"“{shown}” says that it belongs outside of the zip, and a file in a folder of its class is expected; "
            "zip the folder once more."
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ImageError(f"“{shown}” is a link to another file, and the picture itself is expected; zip that.")
    if entry.flag_bits & 1:
        raise ImageError(f"“{shown}” is locked with a password, and an open file is expected; zip it without one.")
    try:
        # The directory may declare a wrong size, so read at most one byte more than allowed.
        with archive.open(entry) as file:
            data = file.read(MAX_BYTES + 1)
    except NotImplementedError as error:
        raise ImageError(
            f"“{shown}” is packed in a way this app does not know; zip it with your system's own program."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, MemoryError) as error:
        raise ImageError(f"“{shown}” is damaged inside the zip; zip the folder once more.") from error
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"“{shown}” unpacks to more than {MAX_BYTES // 2**20} MB, the most a picture may have; save it smaller."
        )
    if data.startswith(_ARCHIVE_SIGNATURES):
        raise ImageError(f"“{shown}” is an archive inside the zip, and a picture is expected; unpack it first.")
    return data


def _refuse_huge_directory(file: BinaryIO) -> None:
    """Raise DatasetError for a huge directory: Python reads it at once, and 100 MB take a gigabyte of memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 2**16 - _END_SIZE - _LOCATOR_SIZE))
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + _END_SIZE:
        raise zipfile.BadZipFile("no end of directory")
    # Zip64, for more than 65,535 files or 4 GB, stores the real numbers elsewhere and has this signature.
    is_zip64 = tail[max(0, end - _LOCATOR_SIZE) :].startswith(b"PK\x06\x07")
    if is_zip64 or int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_DIRECTORY:
        raise DatasetError(f"This zip lists far more than {MAX_FILES:,} files, the most that can be taken.")


def _name(entry: zipfile.ZipInfo) -> str:
    """The entry's path. Macs write UTF-8 without declaring it, which Python then decodes as code page 437."""
    if not entry.flag_bits & 0x800:
        try:
            return entry.orig_filename.encode("cp437").decode()
        except UnicodeError:
            pass
    return entry.orig_filename


def _path_parts(path: str) -> tuple[str, ...]:
    parts = [part for part in re.split(r"[/\\]", path.replace("\0", "")) if part not in ("", ".", "..")]
    return tuple(parts) or ("unnamed",)


def _leads_outside(path: str) -> bool:
    return path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path) is not None or ".." in re.split(r"[/\\]", path)


def _is_added_by_system(path: str) -> bool:
    *folders, name = _path_parts(path)
    return "__MACOSX" in folders or name.lower() in _SYSTEM_FILES or name.startswith(".")
