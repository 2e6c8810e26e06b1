"""Reads uploaded zips of images, which are untrusted.

Nothing is ever written to a path from the zip, so path traversal is impossible. Its directory, each file and the total
are read up to a limit, whatever sizes the zip declares.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cnn.data.image_decoding import MAX_BYTES, shown_name
from cnn.data.own.name_encoding import TITLES, decode_name, possible_encodings, unicode_path
from cnn.errors import DatasetError, ImageError

MAX_FILES = 2_000
MAX_UNPACKED = 400 * 2**20
MAX_DIRECTORY = 2 * 2**20  # bytes; 20,000 files, most of which may be added by macOS

_PIECE = 2**20  # bytes

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


class ListedFile(NamedTuple):
    """One file of a zip or a folder: its folders' names, its own name, and its bytes or the reason for refusing it."""

    folders: tuple[str, ...]
    name: str
    data: bytes | None
    refusal: str | None


@dataclass(frozen=True)
class Listing:
    """The files of a zip or a folder, without those that operating systems add (``__MACOSX``, ``.DS_Store``).

    Attributes:
        paths: of each file, the names of its folders and its own.
        left_out: how many files of operating systems there are besides.
        encoding: the one of ``name_encoding.TITLES`` in which the names are read; None if there was nothing to choose.
        encodings: those in which they can be read, the most plausible first.
        files: reads the files in the order of ``paths``; a refused file does not affect the others. It raises
            DatasetError if the total unpacked size is too large.
        folders: those that a zip lists besides its files, empty ones among them.
    """

    paths: tuple[tuple[str, ...], ...]
    left_out: int
    encoding: str | None
    encodings: tuple[str, ...]
    files: Callable[[], Iterator[ListedFile]]
    folders: tuple[tuple[str, ...], ...] = ()


def list_paths(paths: Sequence[tuple[str, ...]]) -> Listing:
    """List files of which only the paths are known; reading them gives nothing."""
    kept = tuple(path for path in paths if not is_added_by_system(path))
    return Listing(kept, len(paths) - len(kept), None, (), lambda: iter(()))


def list_zip(source: Path | BinaryIO, encoding: str | None = None) -> Listing:
    """List the files of a zip; its directory is read, and no file.

    Args:
        source: where it is, or the open file.
        encoding: of the names that do not say it, one of ``name_encoding.TITLES``; None to guess.

    Raises:
        DatasetError: it is not a zip, or has too many files; or there is no such encoding.
    """
    if encoding is not None and encoding not in TITLES:
        raise DatasetError(f"There is no encoding called “{shown_name(encoding)}”. Choose one of: {', '.join(TITLES)}.")
    try:
        with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
            _refuse_huge_directory(file)
        with zipfile.ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            directories = [entry for entry in archive.infolist() if entry.is_dir()]
            if sum(entry.compress_size for entry in entries) > archive.start_dir:
                raise zipfile.BadZipFile("files overlap")  # a small zip could unpack to any number of large files
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DatasetError(
            "This is not a whole zip file. Zip the folder that holds a folder for each class once more, and send that."
        ) from error
    encodings = tuple(possible_encodings(raw for entry in entries if (raw := _undeclared_name(entry)) is not None))
    chosen = encoding if encodings and encoding else next(iter(encodings), None)
    named = [(_name(entry, chosen or "utf-8"), entry) for entry in entries]
    kept = [(name, entry) for name, entry in named if not is_added_by_system(path_parts(name))]
    refuse_too_many(len(kept))
    # One that leads outside will be refused, and must not be mistaken for a class.
    paths = tuple(path_parts(name)[-1:] if _leads_outside(name) else path_parts(name) for name, _ in kept)
    folders = [name for entry in directories if not _leads_outside(name := _name(entry, chosen or "utf-8"))]
    return Listing(
        paths,
        len(named) - len(kept),
        chosen,
        encodings,
        partial(_read_all, source, kept),
        tuple(path_parts(name) for name in folders if "__MACOSX" not in path_parts(name)),
    )


def refuse_too_many(count: int) -> None:
    """Raise DatasetError if there are more than ``MAX_FILES`` files."""
    if count > MAX_FILES:
        raise DatasetError(
            f"These are {count:,} files, and at most {MAX_FILES:,} can be taken; choose fewer of each class."
        )


def is_added_by_system(path: tuple[str, ...]) -> bool:
    """Whether a file is one that operating systems add to folders and zips."""
    *folders, name = path
    return "__MACOSX" in folders or name.lower() in _SYSTEM_FILES or name.startswith(".")


def _read_all(source: Path | BinaryIO, entries: Sequence[tuple[str, zipfile.ZipInfo]]) -> Iterator[ListedFile]:
    unpacked = 0

    def count(size: int) -> None:
        nonlocal unpacked
        unpacked += size
        if unpacked > MAX_UNPACKED:
            raise DatasetError(
                f"What you sent unpacks to more than {MAX_UNPACKED // 2**20} MB; make the images smaller or fewer."
            )

    with zipfile.ZipFile(source) as archive:
        for full_name, entry in entries:
            *folders, name = path_parts(full_name)
            try:
                data, refusal = _read_file(partial(_unpack, archive, entry, count), entry, full_name), None
            except ImageError as error:
                data, refusal = None, str(error)
            yield ListedFile(tuple(folders), name, data, refusal)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, count: Callable[[int], None]) -> bytes:
    """At most one byte more than a picture may have, whatever size the directory declares.

    Each piece is counted as it is unpacked: a file that is refused, or found damaged in the end, has taken as long.
    """
    pieces, left = [], MAX_BYTES + 1
    with archive.open(entry) as file:
        while left and (piece := file.read(min(left, _PIECE))):
            count(len(piece))
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)


def _read_file(unpack: Callable[[], bytes], entry: zipfile.ZipInfo, full_name: str) -> bytes:
    shown = shown_name(path_parts(full_name)[-1])
    if _leads_outside(full_name):
        raise ImageError(
            f"“{shown}” says that it belongs outside of the zip, and a file in a folder of its class is expected; "
            "zip the folder once more."
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ImageError(f"“{shown}” is a link to another file, and the picture itself is expected; zip that.")
    if entry.flag_bits & 1:
        raise ImageError(f"“{shown}” is locked with a password, and an open file is expected; zip it without one.")
    try:
        data = unpack()
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


def _name(entry: zipfile.ZipInfo, encoding: str) -> str:
    """The entry's path; ``encoding`` is that of names that do not say it."""
    raw = _raw_name(entry)
    if raw is None:
        return entry.orig_filename
    return unicode_path(raw, entry.extra) or decode_name(raw, encoding)


def _undeclared_name(entry: zipfile.ZipInfo) -> bytes | None:
    """The entry's path as bytes if its encoding is nowhere said."""
    raw = _raw_name(entry)
    return None if raw is None or unicode_path(raw, entry.extra) else raw


def _raw_name(entry: zipfile.ZipInfo) -> bytes | None:
    """The entry's path as bytes, or None if it is declared to be UTF-8. Python has decoded it as code page 437."""
    return None if entry.flag_bits & 0x800 else entry.orig_filename.encode("cp437")


def path_parts(path: str) -> tuple[str, ...]:
    """The names of a file's folders and its own, without those that lead elsewhere."""
    parts = [part for part in re.split(r"[/\\]", path.replace("\0", "")) if part not in ("", ".", "..")]
    return tuple(parts) or ("unnamed",)


def _leads_outside(path: str) -> bool:
    return path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path) is not None or ".." in re.split(r"[/\\]", path)
