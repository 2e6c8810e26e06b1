"""A visitor's own images as a data set: many files, or one zip with a folder for each class.

Images are decoded and saved anew, so the notes that phones put into a photo (place, time, owner) are gone.
"""

import hashlib
import io
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from cnn.data.image_decoding import decode, shown_name
from cnn.data.images import resize
from cnn.data.lay_out import write_photos
from cnn.data.own import own_datasets, zip_reader
from cnn.data.split import is_laid_out
from cnn.errors import DatasetError, ImageError
from cnn.files import write_json
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped

CLASSES = (2, 20)
MIN_IMAGES = 5  # of each class: three to practise on, one for each of the two exams
SIDE = 640  # pixels; what is larger is made smaller before it is kept

_LOSSLESS_SIDE = 256
_SEED = 20150205

Refusals = list[tuple[str, str]]
"""(file name, sentence) of each file that was not taken."""


def run_job(run: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``bring``: {"dataset": name from ``receive``, "title", "workspace"}; lays the set out.

    Writes ``refused.json``, the `Refusals`, into the run's folder, also when nothing comes of it.

    Raises:
        DatasetError: it cannot become a data set.
        Stopped: ``should_stop`` said so.
    """
    name, refused = str(settings["dataset"]), Refusals()
    if is_laid_out(own_datasets.folder(name)):  # a worker died just after the last step
        return
    try:
        with tempfile.TemporaryFile(dir=run) as kept:
            photos = _read(own_datasets.upload(name), kept, refused, report, should_stop)
            _lay_out(name, photos, kept, {key: settings[key] for key in ("title", "workspace", "created")})
    finally:
        write_json(run / "refused.json", refused)
        own_datasets.upload(name).unlink(missing_ok=True)


def class_of_each_file(places: Sequence[tuple[str, ...]]) -> list[str]:
    """The class of each file: the folder it lies in; where none lies in a folder, its name without its number.

    Args:
        places: of each file the names of its folders and its own name.

    Returns:
        Of each file its class, or "" where it lies in no folder and others do.
    """
    if any(len(place) > 1 for place in places):
        return [shown_name(place[-2]) if len(place) > 1 else "" for place in places]
    return [shown_name(re.sub(r"[\s._()-]*\d*[\s._()-]*$", "", Path(place[-1]).stem)) for place in places]


def split_by_class(labels: Sequence[int]) -> dict[str, np.ndarray]:
    """Which images are for what: of each class a tenth, at least one, for the test, as many for validation.

    The same images in the same order are always split in the same way.

    Returns:
        Positions, int64, as "train", "validation" and "test"; no position is in two of them.
    """
    parts: dict[str, list[np.ndarray]] = {"test": [], "validation": [], "train": []}
    for label in np.unique(labels):
        members = np.flatnonzero(np.asarray(labels) == label)
        shuffled = np.random.default_rng([_SEED, int(label)]).permutation(members)
        tenth = max(1, round(len(members) / 10))
        for part, chosen in zip(parts, np.split(shuffled, [tenth, 2 * tenth]), strict=True):
            parts[part].append(chosen)
    return {part: np.sort(np.concatenate(chosen)) for part, chosen in parts.items()}


def _read(
    path: Path, kept: BinaryIO, refused: Refusals, report: Report, should_stop: ShouldStop
) -> list[tuple[str, int, int]]:
    """Every image that can be taken, written to ``kept``: its class, where it begins there, and how long it is."""
    places, found = zip_reader.files(path)
    taken: list[tuple[str, int, int]] = []
    seen: dict[bytes, tuple[str, str]] = {}
    step = progress_meter(report, "Reading your images", len(places), "images")
    for done, (label, file) in enumerate(zip(class_of_each_file(places), found, strict=True)):
        raise_if_stopped(should_stop)
        step(done)
        try:
            if file.refusal or file.data is None:
                raise ImageError(file.refusal or "")
            if not label:
                raise ImageError(
                    f"“{shown_name(file.name)}” lies in no folder, and others do; put it into the folder of its class."
                )
            image = _smaller(decode(file.data, file.name))
            key = hashlib.blake2b(repr(image.shape).encode() + image.tobytes(), digest_size=16).digest()
            if key in seen:
                raise ImageError(_twice(file.name, label, *seen[key]))
        except ImageError as error:
            refused.append((shown_name(file.name), str(error)))
            continue
        seen[key] = file.name, label
        taken.append((label, kept.tell(), kept.write(_encoded(image))))
    step(len(places))
    return taken


def _lay_out(name: str, photos: list[tuple[str, int, int]], kept: BinaryIO, known: dict[str, Any]) -> None:
    counts: dict[str, int] = {}
    for label, _, _ in photos:
        counts[label] = counts.get(label, 0) + 1
    _check(counts)
    classes = sorted(counts, key=str.casefold)
    labels = [classes.index(label) for label, _, _ in photos]
    parts = split_by_class(labels)
    target, partial = own_datasets.folder(name), own_datasets.folder(f"incomplete.{name}")

    def examples(*of: str) -> Iterator[tuple[bytes, int]]:
        for part in of:
            for position in parts[part].tolist():
                _, start, length = photos[position]
                kept.seek(start)
                yield kept.read(length), labels[position]

    sizes = {part: len(chosen) for part, chosen in parts.items()}
    numbers = {**sizes, "train": sizes["train"] + sizes["validation"]}
    try:
        partial.mkdir(parents=True)
        for part, of in {"train": ("train", "validation"), "test": ("test",)}.items():
            for _ in write_photos(examples(*of), numbers[part], partial, part):
                pass
        np.save(partial / "validation.npy", np.arange(sizes["train"], numbers["train"]))
        write_json(partial / "info.json", {**known, "class_names": classes, **numbers})
        write_json(partial / "splits.json", {part: numbers[part] for part in ("train", "test")})
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _check(counts: dict[str, int]) -> None:
    least, most = CLASSES
    if not counts:
        raise DatasetError("None of these files is an image that can be used; the list says why, one by one.")
    if len(counts) < least:
        raise DatasetError(
            f"All images are of one class, “{next(iter(counts))}”, and at least {least} classes are expected: a folder "
            "for each, or names that begin with the class, such as cat-1.jpg."
        )
    if len(counts) > most:
        raise DatasetError(f"These are {len(counts):,} classes, and at most {most} can be taken; choose fewer.")
    for label, count in counts.items():
        if count < MIN_IMAGES:
            raise DatasetError(
                f"Of “{label}” only {count} can be used, and at least {MIN_IMAGES} of each class are needed: some to "
                "practise on, some to check with. Add more, or leave the class out."
            )


def _twice(name: str, label: str, other: str, other_label: str) -> str:
    of = "" if label == other_label else f", which is of another class ({other_label})"
    return (
        f"“{shown_name(name)}” is the same picture as “{shown_name(other)}”{of}; a picture that is in training and in "
        "the test tells nothing, so only the first is taken."
    )


def _smaller(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    return image if scale >= 1 else resize(image, max(1, round(height * scale)), max(1, round(width * scale)))


def _encoded(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    # Small pictures are often drawn pixel by pixel; JPEG would smear them.
    lossless = max(image.shape[:2]) <= _LOSSLESS_SIDE
    Image.fromarray(image).save(file, "PNG" if lossless else "JPEG", **({} if lossless else {"quality": 92}))
    return file.getvalue()
