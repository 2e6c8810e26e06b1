"""Damages files and JSON values in the ways that disks, transfers and attackers do."""

import copy
import random
from typing import Any

_EXTREMES = (
    b"\0",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x80\0\0\0",
    b"\xff" * 8,
    b"'\"\\",
)
ODD_TEXTS = (
    "",
    " ",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\evil",
    "a\0b",
    "\u202eabc",
    "[x](http://e.example)",
    "<img src=x onerror=alert(1)>",
    "$x$",
    "=1+1",
    "NaN",
    "Infinity",
    "1e999",
    "9" * 400,
    "²",
    "٣",
    "\ud800",
    "x" * 10_000,
)
_DEPTH = 600  # more than Python's parser of JSON follows within its own limit when values are changed one by one


def damage(data: bytes, rng: random.Random) -> bytes:
    """``data`` after one to six accidents: cut, bits flipped, a part overwritten, inserted, taken out or repeated."""
    content = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        # Headers are the most sensitive: half of the accidents hit the first 200 bytes.
        start = rng.randrange(min(200, len(content)) if rng.random() < 0.5 else len(content)) if content else 0
        length = rng.choice((1, 2, 4, 8, 64, 1_000))
        match rng.randrange(6):
            case 0:
                del content[start:]
            case 1:
                content[start : start + 1] = bytes([rng.randrange(256)])
            case 2:
                extreme = rng.choice(_EXTREMES)
                content[start : start + len(extreme)] = extreme
            case 3:
                content[start:start] = rng.randbytes(length)
            case 4:
                del content[start : start + length]
            case 5:
                content[start:start] = content[start : start + length] * rng.randint(1, 50)
    return bytes(content)


def odd_value(rng: random.Random) -> Any:
    """A value that nobody expects: of another type, huge, not finite, deeply nested."""
    nested: Any = []
    for _ in range(rng.randrange(_DEPTH)):
        nested = [nested]
    numbers = (-1, 0, 1, 0.5, -0.0, 2**31, 2**63, 10**400, 1e308, float("inf"), float("-inf"), float("nan"))
    return rng.choice((None, True, False, [], {}, nested, rng.choice(numbers), rng.choice(ODD_TEXTS), {"x": nested}))


def change(value: Any, rng: random.Random) -> Any:
    """A copy of a JSON value, of which one to three parts are odd, gone, or stand twice."""
    changed = [copy.deepcopy(value)]
    for _ in range(rng.randint(1, 3)):
        parent, key = rng.choice(list(_places(changed)))
        match rng.randrange(4):
            case 0 if parent is not changed:
                del parent[key]
            case 1 if isinstance(parent, list) and parent is not changed:
                parent.insert(key, copy.deepcopy(parent[key]))
            case 2 if isinstance(parent, dict):
                parent[rng.choice(ODD_TEXTS)] = parent[key]
            case _:
                parent[key] = odd_value(rng)
    return changed[0]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(list or dict, index or key) of every part of a value, however deep."""
    places, waiting = [], [value]
    while waiting:
        parent = waiting.pop()
        keys = list(parent) if isinstance(parent, dict) else range(len(parent))
        places += [(parent, key) for key in keys]
        waiting += [parent[key] for key in keys if isinstance(parent[key], dict | list)]
    return places
