"""What can become of a file: cut off, emptied, overwritten, replaced; and, of JSON, each field by what nobody wrote."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

SURROGATE = '"\\ud800"'  # half a character
ODD_VALUES = {
    "1e308": "1e308",
    "1e999": "1e999",
    "10**400": "1" + "0" * 400,
    "2**62": str(2**62),
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "NaN": "NaN",
    "-1": "-1",
    "0.5": "0.5",
    "text": '"text"',
    "half a character": SURROGATE,
    "null": "null",
    "true": "true",
    "empty list": "[]",
    "list of nulls": "[null, null]",
    "empty object": "{}",
    "900 brackets": "[" * 900 + "]" * 900,
}
FEW_VALUES = ("10**400", "NaN", "-1", "text", "list of nulls")  # for fields of fields
_MARK = "@odd@"


class Corruption(NamedTuple):
    """What happens to a file.

    Attributes:
        name: says it to people.
        apply: does it to the file at a path, which is there and sound.
    """

    name: str
    apply: Callable[[Path], object]


def corruptions(path: Path) -> Iterator[Corruption]:
    """Every corruption of the sound file at ``path``; what is random is the same in each call."""
    yield from _of_bytes()
    if path.suffix == ".json":
        value = json.loads(path.read_text())
        for name, text in _of_fields(value):
            yield Corruption(name, _writing(text.encode()))
    if path.suffix == ".jsonl":
        yield from _of_lines(path)


def _of_bytes() -> Iterator[Corruption]:
    yield Corruption("empty", _writing(b""))
    for kept in (0.1, 0.5, 0.99):
        yield Corruption(f"cut to {kept:.0%}", partial(_cut, kept=kept))
    yield Corruption("zeros", lambda path: _change(path, lambda data: bytes(len(data))))
    yield Corruption("random bytes", lambda path: _change(path, lambda data: random.Random(0).randbytes(len(data))))
    for count in (1, 20, 400):
        for seed in range(3):
            yield Corruption(f"{count} bits, {seed}", partial(_flip_bits, count=count, seed=seed))
    yield Corruption("no UTF-8", lambda path: _change(path, lambda data: b"\xff\xfe" + data))
    yield Corruption("100,000 brackets", _writing(b"[" * 100_000))
    yield Corruption("100,000 objects", _writing(b'{"a":' * 100_000))
    for name, text in ODD_VALUES.items():
        yield Corruption(f"nothing but {name}", _writing(text.encode()))
    yield Corruption("a folder", _make_folder)
    yield Corruption("a link to nothing", partial(_make_link, to="nowhere"))
    yield Corruption("a link to itself", lambda path: _make_link(path, path.name))
    yield Corruption("a link to a device", partial(_make_link, to="/dev/null"))
    yield Corruption("unreadable", _make_unreadable)
    yield Corruption("missing", lambda path: path.unlink())


def _cut(path: Path, kept: float) -> None:
    _change(path, lambda data: data[: int(len(data) * kept)])


def _flip_bits(path: Path, count: int, seed: int) -> None:
    _change(path, lambda data: _flip(data, count, seed))


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _make_link(path: Path, to: str) -> None:
    path.unlink()
    path.symlink_to(to)


def _make_unreadable(path: Path) -> None:
    """For root, whom no mode keeps out, a file in a folder that is none."""
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        return
    path.unlink()
    path.symlink_to("/dev/null/inside")


def _of_fields(value: Any) -> Iterator[tuple[str, str]]:
    for place in _places(value):
        for name in ODD_VALUES if len(place) == 1 else FEW_VALUES:
            odd = ODD_VALUES[name]
            yield (
                f"{'.'.join(map(str, place))} = {name}",
                json.dumps(_with(value, place, _MARK)).replace(f'"{_MARK}"', odd),
            )
        yield f"{'.'.join(map(str, place))} missing", json.dumps(_with(value, place, None, drop=True))


def _of_lines(path: Path) -> Iterator[Corruption]:
    """Every field of the first event of each type."""
    lines = path.read_text().splitlines()
    types = [json.loads(line)["type"] for line in lines]
    for index in sorted({types.index(type) for type in types}):
        for name, text in _of_fields(json.loads(lines[index])):
            changed = "\n".join([*lines[:index], text, *lines[index + 1 :], ""])
            yield Corruption(f"{types[index]}: {name}", _writing(changed.encode()))


def _places(value: Any, depth: int = 2) -> Iterator[tuple[Any, ...]]:
    """The way to each entry of objects in objects, and to the first of a list."""
    keys = list(value) if isinstance(value, dict) else [0] if isinstance(value, list) and value else []
    for key in keys if depth else []:
        yield (key,)
        yield from ((key, *rest) for rest in _places(value[key], depth - 1))


def _with(value: Any, place: tuple[Any, ...], new: Any, *, drop: bool = False) -> Any:
    key, *rest = place
    copy = value.copy()
    if rest:
        copy[key] = _with(value[key], tuple(rest), new, drop=drop)
    elif drop:
        del copy[key]
    else:
        copy[key] = new
    return copy


def _flip(data: bytes, count: int, seed: int) -> bytes:
    changed, dice = bytearray(data), random.Random(seed)
    for _ in range(count if data else 0):
        changed[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _change(path: Path, change: Callable[[bytes], bytes]) -> None:
    _writing(change(path.read_bytes()))(path)


def _writing(data: bytes) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        new = path.with_name("new")  # a new file, as others may share the old one by a hard link
        new.write_bytes(data)
        new.replace(path)

    return write


def restore(path: Path, data: bytes) -> None:
    """Put a sound file in the place of a corrupted one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    _writing(data)(path)
