"""Project files: classes and their photos in one zip, a folder for each class, as the Images page takes it too.

What differs from a data set: the order of the classes, classes without photos and photos that are the same stay.
"""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from cnn.data.own.class_names import ClassReading, clean_name, read_classes
from cnn.data.own.image_reader import decode_listed
from cnn.data.own.reading_limits import within_limits
from cnn.data.own.zip_reader import Listing, list_zip
from cnn.errors import DatasetError, ImageError

# What would be read as something else in a path, and the letter that looks like it.
_LOOKALIKES = {"/": "\N{DIVISION SLASH}", "\\": "\N{SET MINUS}", ":": "\N{RATIO}"}
_DOT, _LOW_LINE = "\N{ONE DOT LEADER}", "\N{FULLWIDTH LOW LINE}"
_LETTERS = {lookalike: letter for letter, lookalike in _LOOKALIKES.items()} | {_DOT: ".", _LOW_LINE: "_"}
_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: a file tells nobody when it was made


class ProjectLimits(NamedTuple):
    """How much of a project is taken: classes, photos of one class, and photos of all."""

    classes: int
    photos_of_class: int
    photos: int


class ReadProject(NamedTuple):
    """A project as it was read.

    Attributes:
        photos: of each class, (file name, uint8 (h, w, 3)).
        refusals: a sentence for each file that is no picture.
        left_out: how many pictures there were beyond the limits.
    """

    names: list[str]
    photos: list[list[tuple[str, np.ndarray]]]
    refusals: list[str]
    left_out: int


def write_project(names: Sequence[str], photos: Sequence[Sequence[np.ndarray]]) -> bytes:
    """A zip with a folder for each class, in their order, and the photos as PNG files.

    Args:
        names: of the classes, each different.
        photos: of each class, uint8 (h, w, 1 or 3).
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # PNG is compressed already
        folders = _folder_names(names)
        for folder in folders:  # first of all, since a class without photos has no other entry
            archive.writestr(zipfile.ZipInfo(f"{folder}/", _WHEN), b"")
        for folder, group in zip(folders, photos, strict=True):
            for number, photo in enumerate(group, 1):
                archive.writestr(zipfile.ZipInfo(f"{folder}/{number}.png", _WHEN), _png(photo))
    return file.getvalue()


def read_project(
    file: BinaryIO, limits: ProjectLimits, shrink: Callable[[np.ndarray], np.ndarray] = lambda picture: picture
) -> ReadProject:
    """Read a project, or any zip with a folder of pictures for each class; it is untrusted.

    Args:
        file: the open zip.
        shrink: makes each picture smaller as soon as it is decoded, so that only one is held as large as it came.

    Raises:
        DatasetError: it is no such zip, has too many files, classes or pixels, takes too long to read, or holds no
            picture that can be read.
    """
    listing = list_zip(file)
    reading = read_classes(listing.paths)
    order = _class_order(listing, reading)
    if len(order) > limits.classes:
        raise DatasetError(
            f"This zip has {len(order):,} classes, and a project has at most {limits.classes}; take some of its "
            "folders out and zip it once more."
        )
    photos: dict[str, list[tuple[str, np.ndarray]]] = {name: [] for name in order}
    # Where there are too many, each class gets the same share, or the last ones would get none.
    too_many = sum(map(bool, reading.classes)) > limits.photos
    most = min(limits.photos_of_class, limits.photos // max(1, len(order)) if too_many else limits.photos)
    refusals, left_out = [], 0
    for label, listed in zip(reading.classes, within_limits(listing.files()), strict=True):
        if label and len(photos[label]) >= most:
            left_out += 1
            continue
        try:
            picture = shrink(decode_listed(listed, label))  # refuses what has no label
            photos[label].append((listed.name, picture))
        except ImageError as error:
            refusals.append(str(error))
    if not any(photos.values()):
        first = f" The first: {refusals[0]}" if refusals else ""
        raise DatasetError(
            "This zip holds no picture that can be read; choose one that this page has saved, or one with a folder of "
            f"photos for each class.{first}"
        )
    return ReadProject(list(_class_names(order)), list(photos.values()), refusals, left_out)


def _class_order(listing: Listing, reading: ClassReading) -> list[str]:
    """The classes in the order of the zip, those without pictures too if no folder lies around or inside of a class."""
    flat = all(len(path) == 2 for path in listing.paths) and reading.layout == "outer"
    empty = [clean_name(path[0]) for path in listing.folders if len(path) == 1] if flat else []
    return list(dict.fromkeys([*empty, *(name for name in reading.classes if name)]))


def _folder_names(names: Sequence[str]) -> list[str]:
    folders: list[str] = []
    for name in names:
        folder = "".join(_LOOKALIKES.get(letter, letter) for letter in name)
        if set(folder) == {"."}:
            folder = folder.replace(".", _DOT)
        folder = folder.replace("_", _LOW_LINE) if folder == "__MACOSX" else folder
        while folder in folders:
            folder += "'"
        folders.append(folder)
    return folders


def _class_names(folders: Sequence[str]) -> Iterator[str]:
    """The names that were made into these folders; a folder keeps its own where two would be called the same."""
    names = ["".join(_LETTERS.get(letter, letter) for letter in folder) for folder in folders]
    for folder, name in zip(folders, names, strict=True):
        yield name if names.count(name) == 1 else folder


def _png(photo: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photo if photo.shape[2] == 3 else photo[..., 0]).save(file, "PNG")
    return file.getvalue()
