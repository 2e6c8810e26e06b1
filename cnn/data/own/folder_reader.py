"""Lists the files of a folder on this machine as ``zip_reader`` lists those of a zip, for the command line."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from cnn.data.image_decoding import MAX_BYTES, shown_name
from cnn.data.own.zip_reader import ListedFile, Listing, list_paths, list_zip, refuse_too_many
from cnn.errors import DatasetError


def list_files(path: Path, encoding: str | None = None) -> Listing:
    """List the files of a zip or of a folder.

    Args:
        encoding: see ``zip_reader.list_zip``; a folder's names need none.

    Raises:
        DatasetError: there is no such zip or folder, it is not a zip, or has too many files.
    """
    if path.is_dir():
        return _list_folder(path)
    if not path.exists():
        raise DatasetError(f"There is no file or folder “{path}”; give a zip, or the folder that holds the classes.")
    return list_zip(path, encoding)


def _list_folder(folder: Path) -> Listing:
    paths: list[tuple[str, ...]] = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        paths += [(*Path(place).relative_to(folder).parts, name) for name in sorted(names)]
        refuse_too_many(len(list_paths(paths).paths))
    listing = list_paths(paths)
    return replace(listing, files=partial(_read_all, folder, listing.paths))


def _read_all(folder: Path, paths: Sequence[tuple[str, ...]]) -> Iterator[ListedFile]:
    for path in paths:
        data, refusal = None, None
        try:
            with folder.joinpath(*path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)  # ``decode`` refuses a longer one
        except OSError as error:
            refusal = f"“{shown_name(path[-1])}” cannot be read: {error.strerror}."
        yield ListedFile(path[:-1], path[-1], data, refusal)
