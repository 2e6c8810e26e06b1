"""Which own images the visitors of this server have brought in, and what arrives before a job has read it.

What arrives lies below ``CNN_HOME/data/uploads``; ``importer`` makes a data set of it, in a folder ``own-<id>`` with an
``info.json``. Whoever knows the id may look at it, only its workspace may delete it.
"""

import json
import re
import shutil
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from cnn.data.datasets import DatasetInfo
from cnn.data.own.zip_reader import MAX_FILES
from cnn.data.split import is_laid_out
from cnn.errors import DatasetError
from cnn.home import home, new_id

MAX_UPLOAD = 100 * 2**20
MAX_SETS = 5

_FORGOTTEN_SECONDS = 24 * 3600.0


def is_own(name: str) -> bool:
    """Whether ``name`` has the form of a visitor's own data set."""
    return re.fullmatch(r"own-[A-Za-z0-9_-]{22}", name) is not None


def folder(name: str) -> Path:
    """Where the set ``name`` is or will be."""
    return home() / "data" / name


def info(name: str) -> DatasetInfo:
    """What is known of a visitor's own set, also when its images were deleted: models may remember it.

    Raises:
        DatasetError: there is no such set.
    """
    try:
        value = json.loads((folder(name) / "info.json").read_text())
        train, test, held_out = int(value["train"]), int(value["test"]), int(value["validation"])
        return DatasetInfo(
            name=name,
            title=str(value["title"]),
            about=f"{train + test:,} images of {len(value['class_names'])} classes that a visitor brought in.",
            class_names=tuple(map(str, value["class_names"])),
            shape=(None, None, 3),
            train=train,
            test=test,
            licence="Private: they belong to who brought them in",
            citation="your own images",
            builder="",
            validation=held_out,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError("There is no such set of own images here; it may be on another server.") from error


def names(workspace: str) -> list[str]:
    """The sets of own images of a visitor, the oldest first."""
    found = []
    for path in (home() / "data").glob("own-*/info.json"):
        try:
            value = json.loads(path.read_text())
            if value["workspace"] == workspace and is_laid_out(path.parent):
                found.append((float(value["created"]), path.parent.name))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return [name for _, name in sorted(found)]


def receive(files: Sequence[tuple[str, BinaryIO]], workspace: str) -> str:
    """Keep what a visitor sent until the job of kind ``bring`` reads it.

    Args:
        files: (name, opened file): one zip, or images, whose names may hold their folder: ``cats/1.jpg``.

    Returns:
        The name of the data set to be.

    Raises:
        DatasetError: nothing, too much, more than one zip, or too many sets already.
    """
    if not files:
        raise DatasetError("No file was chosen; choose one zip, or images of at least two classes.")
    zips = [file for name, file in files if name.lower().endswith(".zip")]
    if zips and len(files) > 1:
        raise DatasetError("Received a zip and other files; send either one zip, or the images themselves.")
    if len(files) > MAX_FILES:
        raise DatasetError(f"These are {len(files):,} files, and at most {MAX_FILES:,} can be taken.")
    if len(names(workspace)) >= MAX_SETS:
        raise DatasetError(f"You have {MAX_SETS} sets of own images, the most one may have; delete one first.")
    size = sum(file.seek(0, 2) for _, file in files)
    if size > MAX_UPLOAD:
        raise DatasetError(
            f"These are {size / 2**20:,.0f} MB, and at most {MAX_UPLOAD // 2**20} MB can be taken at once; "
            "choose fewer images, or make them smaller."
        )
    name = f"own-{new_id()}"
    path = upload(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for _, file in files:
            file.seek(0)
        if zips:
            with path.open("wb") as target:
                shutil.copyfileobj(zips[0], target)
        else:
            with zipfile.ZipFile(path, "w") as packed:
                for place, file in files:
                    packed.writestr(place, file.read())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise DatasetError(f"Your images could not be kept ({error.strerror}); try again later.") from error
    return name


def delete(name: str, workspace: str) -> None:
    """Delete the images of a set; what models need to know of it (its title and classes) stays.

    Raises:
        DatasetError: it is not this visitor's.
    """
    if name not in names(workspace):
        raise DatasetError("These images are not yours, or were deleted before.")
    for path in folder(name).iterdir():
        if path.name != "info.json":
            path.unlink()
    for features in (home() / "features").glob(f"{name}-*.npz"):  # what pretrained bases made of them
        features.unlink()


def upload(name: str) -> Path:
    """Where what arrived for the set ``name`` waits for its job."""
    return home() / "data" / "uploads" / f"{name}.zip"


def sweep() -> None:
    """Remove what arrived a day ago and no job has read."""
    for path in (home() / "data" / "uploads").glob("*.zip"):
        if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
            path.unlink(missing_ok=True)
