"""Visitors' own data sets on this server, and uploads that no job has imported yet.

Uploads are stored below ``CNN_HOME/data/uploads``; ``importer`` turns each into a data set in a folder ``own-<id>``
with an ``info.json``. Its workspace alone may delete it, and decides whether others may open it, see ``sharing``.
"""

import shutil
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from cnn.data.datasets import DatasetInfo
from cnn.data.own.set_folders import folder as folder
from cnn.data.own.set_folders import is_own as is_own
from cnn.data.own.set_folders import read_info
from cnn.data.own.zip_reader import Listing, list_paths, list_zip, path_parts, refuse_too_many
from cnn.data.split import is_laid_out
from cnn.errors import DamagedFileError, DatasetError
from cnn.files import delete_old
from cnn.free_space import folder_bytes
from cnn.home import home, new_id
from cnn.limits import MEGABYTE, OWN_IMAGE_MEGABYTES, limit_in_bytes
from cnn.stored_files import LATEST, entries, mapping, number, optional, read_object, text, whole
from cnn.typed_text import make_visible

MOST_IMAGES, MOST_CLASSES = 10**9, 100_000
MAX_UPLOAD = 100 * 2**20
MAX_SETS = 5

_STALE_SECONDS = 24 * 3600.0
_MANY_TWINS = 0.1  # of the images


def info(name: str) -> DatasetInfo:
    """Description of a visitor's own set, even after its images were deleted: models may still refer to it.

    Raises:
        DatasetError: there is no such set.
    """
    try:
        value = read_info(name)
        train, test, validation = (whole(value, key, 0, MOST_IMAGES) for key in ("train", "test", "validation"))
        class_names = tuple(map(make_visible, entries(value, "class_names", str, 2, MOST_CLASSES)))
        return DatasetInfo(
            name=name,
            title=make_visible(text(value, "title")),
            about=f"{train + test:,} images of {len(class_names)} classes that a visitor brought in."
            + _near_twins_note(value, "them"),
            class_names=class_names,
            shape=(None, None, 3),
            train=train,
            test=test,
            licence="Private: they belong to who brought them in",
            citation="your own images",
            builder="",
            validation=validation,
        )
    except DamagedFileError as error:
        raise DatasetError("There is no such set of own images here; it may be on another server.") from error


def class_counts(name: str, split: str) -> list[int] | None:
    """Number of images of each class in a split, even after the images were deleted; None if it was not kept.

    Args:
        split: "train", "validation" or "test".
    """
    try:
        value = read_info(name)
        classes = len(entries(value, "class_names", str, 2, MOST_CLASSES))
        counts: list[int] = entries(mapping(value, "class_counts"), split, int, classes, classes)
    except DamagedFileError:
        return None
    return counts if all(0 <= count <= MOST_IMAGES for count in counts) else None


def near_twins_note(name: str) -> str:
    """What near twins mean for the numbers measured on a set; empty if it has few, or is none of a visitor's own."""
    if not is_own(name):
        return ""
    try:
        value = read_info(name)
        return _near_twins_note(value, f"the {_images(value):,} images").strip()
    except DamagedFileError:
        return ""


def _near_twins_note(value: dict[str, Any], images: str) -> str:
    """The note for what ``info.json`` holds, after a space; ``images`` says which images they are some of."""
    twins, count = optional(whole, value, "near_twins", 0, MOST_IMAGES) or 0, _images(value)
    if twins < max(1, count * _MANY_TWINS):
        return ""
    sides = (
        "Twins are on one side of the split; even so, how"
        if value.get("twins_apart")
        else "A class has too few photos that differ, so twins are in training and in the test, and how"
    )
    return (
        f" {twins:,} of {images} are near twins of others, like the photos of a burst. {sides} many of such photos a "
        "network gets right says little about new ones."
    )


def _images(value: dict[str, Any]) -> int:
    """The number of images, training and test, of the set that ``info.json`` describes."""
    return whole(value, "train", 0, MOST_IMAGES) + whole(value, "test", 0, MOST_IMAGES)


def names(workspace: str) -> list[str]:
    """Names of the visitor's own sets, oldest first; those whose description is damaged are left out."""
    created = []
    for path in (home() / "data").glob("own-*/info.json"):
        try:
            value = read_object(path)
            if text(value, "workspace") == workspace and is_laid_out(path.parent):
                info(path.parent.name)
                created.append((number(value, "created", 0, LATEST), path.parent.name))
        except (DamagedFileError, DatasetError):
            continue
    return [name for _, name in sorted(created)]


def bytes_by_workspace() -> dict[str, tuple[int, int]]:
    """(number, bytes) of the sets of each visitor whose images are here."""
    held: dict[str, tuple[int, int]] = {}
    for path in (home() / "data").glob("own-*/info.json"):
        with suppress(DamagedFileError):
            owner = text(read_object(path), "workspace")
            if is_laid_out(path.parent):
                number, size = held.get(owner, (0, 0))
                held[owner] = number + 1, size + folder_bytes(path.parent)
    return held


def check_room() -> None:
    """Check that another set may be brought in.

    Raises:
        DatasetError: the sets of all visitors take all that they may.
    """
    most = limit_in_bytes(OWN_IMAGE_MEGABYTES)
    held = sum(size for _, size in bytes_by_workspace().values()) + folder_bytes(home() / "data" / "uploads")
    if held >= most:
        raise DatasetError(
            f"The own images of all visitors take {most // MEGABYTE:,} MB together, all that they may. Nothing was "
            "lost; delete a set that you no longer need, or ask others to."
        )


def store_upload(files: Sequence[tuple[str, BinaryIO]], workspace: str) -> str:
    """Store uploaded files until a job of kind ``bring`` imports them.

    Args:
        files: (name, open file): one zip, or images whose names may include their folder, such as ``cats/1.jpg``.

    Returns:
        The name of the future data set.

    Raises:
        DatasetError: no files, too many bytes or files, more than one zip, or too many sets already.
    """
    sent_zip = _find_zip(files)
    if len(names(workspace)) >= MAX_SETS:
        raise DatasetError(f"You have {MAX_SETS} sets of own images, the most one may have; delete one first.")
    size = sum(file.seek(0, 2) for _, file in files)
    if size > MAX_UPLOAD:
        raise DatasetError(
            f"These are {size / 2**20:,.0f} MB, and at most {MAX_UPLOAD // 2**20} MB can be taken at once; "
            "choose fewer images, or make them smaller."
        )
    name = f"own-{new_id()}"
    path = upload_path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for _, file in files:
            file.seek(0)
        if sent_zip:
            with path.open("wb") as target:
                shutil.copyfileobj(sent_zip, target)
        else:
            with zipfile.ZipFile(path, "w") as archive:
                for file_name, file in files:
                    archive.writestr(file_name, file.read())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise DatasetError(f"Your images could not be kept ({error.strerror}); try again later.") from error
    return name


def list_upload(files: Sequence[tuple[str, BinaryIO]], encoding: str | None = None) -> Listing:
    """List what ``store_upload`` would store, without storing it; the files of several are not read.

    Args:
        files: see ``store_upload``.
        encoding: see ``zip_reader.list_zip``.

    Raises:
        DatasetError: no files, too many, more than one zip, or a zip that cannot be read.
    """
    if (sent_zip := _find_zip(files)) is not None:
        return list_zip(sent_zip, encoding)
    return list_paths([path_parts(name) for name, _ in files])


def _find_zip(files: Sequence[tuple[str, BinaryIO]]) -> BinaryIO | None:
    """The zip, if what was sent is one."""
    if not files:
        raise DatasetError("No file was chosen; choose one zip, or images of at least two classes.")
    zips = [file for name, file in files if name.lower().endswith(".zip")]
    if zips and len(files) > 1:
        raise DatasetError("Received a zip and other files; send either one zip, or the images themselves.")
    refuse_too_many(len(files))
    return zips[0] if zips else None


def delete_images(name: str, workspace: str) -> None:
    """Delete the images of a set, but keep its ``info.json``: models need its title and classes.

    Raises:
        DatasetError: the set is not in this workspace.
    """
    if name not in names(workspace):
        raise DatasetError("These images are not yours, or were deleted before.")
    for path in folder(name).iterdir():
        if path.name != "info.json":
            path.unlink(missing_ok=True)
    for features in (home() / "features").glob(f"{name}-*.npz"):  # features that pretrained bases computed from them
        features.unlink(missing_ok=True)


def upload_path(name: str) -> Path:
    """Path of the upload for the set ``name``."""
    return home() / "data" / "uploads" / f"{name}.zip"


def delete_stale_uploads() -> None:
    """Delete uploads that are older than a day."""
    delete_old((home() / "data" / "uploads").glob("*.zip"), _STALE_SECONDS)
