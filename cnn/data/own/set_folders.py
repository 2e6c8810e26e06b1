"""Names and folders of visitors' own data sets, and what ``info.json`` says of each.

A set has two names. ``own-<id>`` is that of its folder, with the images. The closed name, ``own--<hash>``, is worked
out from it and does not lead back: title and class names are found under it, the images never are. A model that is
handed on names its images by it.
"""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnn.files import FileVersion, file_version
from cnn.home import home
from cnn.stored_files import read_object

_CLOSED = "own--"  # no id begins with a hyphen, see ``cnn.home.new_id``


def is_own(name: str) -> bool:
    """Whether ``name`` has the form of a name, open or closed, of a visitor's own data set."""
    return re.fullmatch(r"own-[A-Za-z0-9_-]{22}", name) is not None


def is_closed(name: str) -> bool:
    """Whether ``name`` is a closed name, under which there are no images."""
    return is_own(name) and name.startswith(_CLOSED)


def closed_name(name: str) -> str:
    """The closed name of a set; a closed name and that of a public data set stay as they are.

    It is a hash of 126 bits; the id that goes into it is 128 random ones, so that nobody can try them all.
    """
    if not is_own(name) or is_closed(name):
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=16, person=b"closed own set").digest()
    return _CLOSED + base64.urlsafe_b64encode(digest).decode()[:21]


def open_name(name: str) -> str:
    """The name under which the images are that belong to a closed name; ``name`` itself if they are not here."""
    if not is_closed(name):
        return name
    data = str(home() / "data")
    return _open_names(data, file_version(data)).get(name, name)


def folder(name: str) -> Path:
    """Folder of the set ``name``, existing or not."""
    return home() / "data" / name


def read_info(name: str) -> dict[str, Any]:
    """What ``info.json`` says of a set, under either of its names; read-only.

    Raises:
        DamagedFileError: it is missing or damaged.
    """
    file = str(folder(open_name(name)) / "info.json")
    return _parse(file, file_version(file))


@lru_cache(maxsize=8)
def _open_names(data: str, version: FileVersion) -> dict[str, str]:
    names = (path.name for path in Path(data).glob("own-*"))
    return {closed_name(name): name for name in names if is_own(name) and not is_closed(name)}


@lru_cache(maxsize=256)
def _parse(file: str, version: FileVersion) -> dict[str, Any]:
    return read_object(Path(file))
