"""Reading of what the app has kept on disk, where a file may have become anything: cut off, empty, another's, a folder.

Whatever is odd about a file is one exception, ``DamagedFileError``, so that who reads one file of many goes on with the
rest. Numbers are finite and in the range that the reader names: ``Infinity``, ``1e999`` or a number of 400 digits is
as much a damage as a missing bracket.
"""

import json
import math
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import numpy as np

from cnn.errors import DamagedFileError

MOST_BYTES = 64 * 2**20  # of a file that is read as a whole; the largest, a log of 200 epochs, has a few
DEEPEST = 64  # levels of brackets; a network's settings have six
LATEST = 32_503_680_000  # Unix seconds of the year 3000: any later time is a damage
_LARGEST = 2**63

T = TypeVar("T")

Shape = Sequence[int | None]
"""The expected shape of an array; None stands for any length."""


def read_file(path: Path, offset: int = 0) -> bytes:
    """The content of a regular file from a byte on, of at most ``MOST_BYTES``.

    Raises:
        DamagedFileError: it is missing, no file, too large, or cannot be read.
    """
    try:
        with _open_regular(path) as file:
            file.seek(offset)
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if len(data) > MOST_BYTES:
        raise _damaged(path, f"it has more than {MOST_BYTES:,} bytes")
    return data


def read_lines(path: Path) -> list[str]:
    """The lines of a text file.

    Raises:
        DamagedFileError: as for ``read_file``, or it is no text.
    """
    try:
        return read_file(path).decode().splitlines()
    except UnicodeDecodeError as error:
        raise _damaged(path, error) from error


def read_json(path: Path) -> Any:
    """The JSON value of a file, of at most ``DEEPEST`` levels, with finite numbers alone.

    Raises:
        DamagedFileError: as for ``read_file``, or it holds anything else.
    """
    return parse_json(read_file(path), path.name)


def read_object(path: Path) -> dict[str, Any]:
    """As ``read_json``, where an object is expected."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise _damaged(path, "it holds no object")
    return value


def parse_json(data: bytes, name: str) -> Any:
    """The JSON value in ``data``, as ``read_json`` reads it.

    Args:
        name: of what holds it, for the message.

    Raises:
        DamagedFileError: it is no such value.
    """
    try:
        value = json.loads(data, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
        if data.count(b"[") + data.count(b"{") > DEEPEST:
            _check_depth(value, DEEPEST)
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()  # half of a pair of surrogates is no character
    except (ValueError, RecursionError) as error:
        raise _damaged(name, error) from error
    return value


def text(value: Mapping[str, Any], name: str, most: int = 10_000) -> str:
    """The text ``value[name]`` of at most ``most`` characters.

    Raises:
        DamagedFileError: it is missing or anything else; so for the functions below.
    """
    found = _field(value, name)
    if not isinstance(found, str) or len(found) > most:
        raise _wrong(name, found)
    return found


def choice(value: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    """The text ``value[name]``, one of ``choices``."""
    found = text(value, name)
    if found not in choices:
        raise _wrong(name, found)
    return found


def whole(value: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """The whole number ``value[name]``, in ``low``..``high``; it may be written as 3.0."""
    found = number(value, name, low, high)
    if found != int(found):
        raise _wrong(name, found)
    return int(value[name])


def number(value: Mapping[str, Any], name: str, low: float, high: float) -> float:
    """The finite number ``value[name]``, in ``low``..``high``."""
    found = _field(value, name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not low <= found <= high:
        raise _wrong(name, found)
    return float(found)


def flag(value: Mapping[str, Any], name: str) -> bool:
    """The truth value ``value[name]``."""
    found = _field(value, name)
    if not isinstance(found, bool):
        raise _wrong(name, found)
    return found


def mapping(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object ``value[name]``."""
    found = _field(value, name)
    if not isinstance(found, dict):
        raise _wrong(name, found)
    return found


def entries(value: Mapping[str, Any], name: str, kind: type, least: int, most: int) -> list[Any]:
    """The list ``value[name]`` of ``least`` to ``most`` entries, all of one kind."""
    found = _field(value, name)
    fits = isinstance(found, list) and least <= len(found) <= most
    if not fits or not all(type(entry) is kind for entry in found):
        raise _wrong(name, found)
    return found


def optional(read: Callable[..., T], value: Mapping[str, Any], name: str, *arguments: Any) -> T | None:
    """What ``read`` gives for a field that may be missing or null: None then."""
    return None if value.get(name) is None else read(value, name, *arguments)


def read_array(path: Path, shape: Shape, low: float = -math.inf, high: float = math.inf) -> np.ndarray:
    """The finite numbers of an ``.npy`` file, with this shape and in ``low``..``high``.

    Raises:
        DamagedFileError: it is missing, cannot be read, or holds anything else.
    """
    try:
        with _open_regular(path) as file:
            array = np.load(file, allow_pickle=False)
    except Exception as error:  # NumPy documents no exceptions for unusable files
        raise _damaged(path, error) from error
    if not ((_checked(array, shape, path.name) >= low) & (array <= high)).all():
        raise _damaged(path, f"not all of its numbers are from {low} to {high}")
    return array


def read_arrays(path: Path, shapes: Mapping[str, Shape]) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz`` file, of finite numbers; those named in ``shapes`` are there, each with its shape.

    Raises:
        DamagedFileError: as for ``read_array``, or a name is missing.
    """
    try:
        with _open_regular(path) as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in {*shapes, *stored.files}}
    except Exception as error:  # NumPy, zipfile and zlib document no common exception for unusable files
        raise _damaged(path, error) from error
    return {
        name: _checked(array, shapes.get(name, [None] * array.ndim), f"{name} in {path.name}")
        for name, array in arrays.items()
    }


def _open_regular(path: Path) -> IO[bytes]:
    """The file, open for reading; a pipe, which would wait for its writer, a device or a folder is an OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError("it is no file")


def _checked(array: np.ndarray, shape: Shape, name: str) -> np.ndarray:
    fits = len(shape) == array.ndim and all(a in (None, b) for a, b in zip(shape, array.shape, strict=True))
    if not fits or array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        raise _damaged(name, f"{array.dtype} {array.shape} instead of finite numbers {tuple(shape)}")
    return array


def _field(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        raise DamagedFileError(f"“{name}” is missing.")
    return value[name]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no finite number")


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        _refuse(digits[:20])
    return value


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -_LARGEST <= (value := int(digits)) < _LARGEST:
        _refuse(digits[:20])
    return value


def _check_depth(value: Any, levels: int) -> None:
    if isinstance(value, dict | list):
        if not levels:
            raise ValueError(f"more than {DEEPEST} levels of brackets")
        for entry in value.values() if isinstance(value, dict) else value:
            _check_depth(entry, levels - 1)


def _wrong(name: str, found: Any) -> DamagedFileError:
    return DamagedFileError(f"“{name}” cannot be {str(found)[:40]!r}.")


def _damaged(where: Path | str, why: object) -> DamagedFileError:
    name = where if isinstance(where, str) else where.name
    return DamagedFileError(f"The file {name} is damaged: {str(why)[:200]}.")
