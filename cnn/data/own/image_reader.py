"""Reads a visitor's images: the class of each file, and its pixels or the reason why it is not taken.

The app and the command line both read with this, so that what one shows is what the other takes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnn.data.image_decoding import decode, shown_name
from cnn.data.images import resize
from cnn.data.own.class_names import ClassReading, Layout, read_classes
from cnn.data.own.folder_reader import list_files
from cnn.data.own.reading_limits import within_limits
from cnn.data.own.zip_reader import ListedFile, Listing
from cnn.errors import ImageError

SIDE = 640  # pixels; larger images are scaled down before they are stored


@dataclass(frozen=True)
class ReadingChoices:
    """How names are to be read, where they leave a choice.

    Attributes:
        encoding: one of ``name_encoding.TITLES``; None to guess.
        layout: what says the class; None to guess.
        join_case: whether names that differ in upper and lower case alone are one class.
    """

    encoding: str | None = None
    layout: Layout | None = None
    join_case: bool = False

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "ReadingChoices":
        """From a job's settings; what is missing there is guessed."""
        return cls(settings.get("encoding"), settings.get("layout"), bool(settings.get("join_case")))


class ReadImage(NamedTuple):
    """A file's name, its class, and its pixels, uint8 (H, W, 3) of at most ``SIDE``, or why it is refused."""

    name: str
    label: str
    image: np.ndarray | None
    refusal: str


def list_images(path: Path, choices: ReadingChoices) -> tuple[Listing, ClassReading]:
    """List the files of a zip or folder, and read their classes from their paths.

    Raises:
        DatasetError: it is no zip or folder, or has too many files.
    """
    listing = list_files(path, choices.encoding)
    return listing, read_classes(listing.paths, choices.layout, join_case=choices.join_case)


def read_images(listing: Listing, reading: ClassReading) -> Iterator[ReadImage]:
    """Read every file, one at a time; of pictures that are the same to the pixel only the first is taken.

    Raises:
        DatasetError: together they are too large, or take too long to read.
    """
    seen: dict[bytes, tuple[str, str]] = {}
    for label, file in zip(reading.classes, within_limits(listing.files()), strict=True):
        try:
            image = _shrink(decode_listed(file, label))
            digest = hashlib.blake2b(repr(image.shape).encode() + image.tobytes(), digest_size=16).digest()
            if digest in seen:
                raise ImageError(_duplicate_message(file.name, label, *seen[digest]))
        except ImageError as error:
            yield ReadImage(file.name, label, None, str(error))
            continue
        seen[digest] = file.name, label
        yield ReadImage(file.name, label, image, "")


def decode_listed(file: ListedFile, label: str) -> np.ndarray:
    """Decode a listed file of the class ``label``: uint8 (H, W, 3), see ``image_decoding.decode``.

    Raises:
        ImageError: it is refused, has no class, or is no picture that can be read.
    """
    if file.refusal or file.data is None:
        raise ImageError(file.refusal or "")
    if not label:
        raise ImageError(
            f"“{shown_name(file.name)}” lies in no folder, and others do; put it into the folder of its class."
        )
    return decode(file.data, file.name)


def notes_on(listing: Listing, reading: ClassReading) -> list[str]:
    """Sentences about what was recognised, taken as one, or left out."""
    notes = list(reading.notes)
    if listing.left_out:
        files = "1 file that a system" if listing.left_out == 1 else f"{listing.left_out:,} files that systems"
        notes.append(f"Left out: {files} added, such as .DS_Store, __MACOSX or Thumbs.db.")
    return notes


def _duplicate_message(name: str, label: str, other: str, other_label: str) -> str:
    clause = "" if label == other_label else f", which is of another class ({shown_name(other_label)})"
    return (
        f"“{shown_name(name)}” is the same picture as “{shown_name(other)}”{clause}; a picture that is in training and "
        "in the test tells nothing, so only the first is taken."
    )


def _shrink(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    return image if scale >= 1 else resize(image, max(1, round(height * scale)), max(1, round(width * scale)))
