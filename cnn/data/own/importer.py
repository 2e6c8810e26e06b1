"""Imports a visitor's own images as a data set, from many files or one zip with a folder for each class.

Images are decoded and re-encoded, which removes the metadata that phones put into photos (place, time, owner).
"""

import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from cnn.data.image_decoding import shown_name
from cnn.data.lay_out import write_photos
from cnn.data.own import own_datasets
from cnn.data.own.class_names import ClassReading, natural_key
from cnn.data.own.image_reader import ReadingChoices, list_images, notes_on, read_images
from cnn.data.own.near_twins import can_be_kept_apart, describe, group_near_twins, split_stratified
from cnn.data.own.zip_reader import Listing
from cnn.data.split import is_laid_out
from cnn.errors import DatasetError
from cnn.files import write_json
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped

CLASSES = (2, 20)
MIN_IMAGES = 5  # per class: three for training, one each for validation and test

_LOSSLESS_SIDE = 256

Refusals = list[tuple[str, str]]
"""(file name, reason) of each file that was refused."""


class _StoredPhoto(NamedTuple):
    """A usable image: its class, where its bytes lie in a file, and what near twins are found by."""

    label: str
    start: int
    length: int
    description: np.ndarray


def run_job(run: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``bring``: import an upload and lay it out as a data set.

    Writes ``refused.json``, the `Refusals`, into the run's folder, even if the import fails, and ``notes.json``,
    sentences about how the names were read.

    Args:
        settings: {"dataset": name from ``store_upload``, "title", "workspace", "created"}, and the ``ReadingChoices``.

    Raises:
        DatasetError: the images do not make a data set.
        Stopped: ``should_stop`` returned True.
    """
    name, refused = str(settings["dataset"]), Refusals()
    if is_laid_out(own_datasets.folder(name)):  # the worker died right after the last step
        return
    try:
        listing, reading = list_images(own_datasets.upload_path(name), ReadingChoices.from_settings(settings))
        write_json(run / "notes.json", notes_on(listing, reading))
        with tempfile.TemporaryFile(dir=run) as file:
            photos = _read_photos((listing, reading), file, refused, report, should_stop)
            _lay_out(name, photos, file, {key: settings[key] for key in ("title", "workspace", "created")})
    finally:
        write_json(run / "refused.json", refused)
        own_datasets.upload_path(name).unlink(missing_ok=True)


def check_classes(counts: Mapping[str, int]) -> None:
    """Check that images make a data set.

    Args:
        counts: the number of usable images of each class.

    Raises:
        DatasetError: too few or too many classes, or too few images of one.
    """
    least, most = CLASSES
    if not counts:
        raise DatasetError("None of these files is an image that can be used; the list says why, one by one.")
    if len(counts) < least:
        raise DatasetError(
            f"All images are of one class, “{shown_name(next(iter(counts)))}”, and at least {least} classes are "
            "expected: a folder for each, or names that begin with the class, such as cat-1.jpg."
        )
    if len(counts) > most:
        raise DatasetError(f"These are {len(counts):,} classes, and at most {most} can be taken; choose fewer.")
    for label, count in counts.items():
        if count < MIN_IMAGES:
            raise DatasetError(
                f"Of “{shown_name(label)}” only {count} can be used, and at least {MIN_IMAGES} of each class are "
                "needed: some to learn from, some to check with. Add more, or leave the class out."
            )


def _read_photos(
    found: tuple[Listing, ClassReading], target: BinaryIO, refused: Refusals, report: Report, should_stop: ShouldStop
) -> list[_StoredPhoto]:
    """Write every usable image of ``found``, see ``list_images``, to ``target``."""
    listing, reading = found
    photos: list[_StoredPhoto] = []
    step = progress_meter(report, "Reading your images", len(listing.paths), "images")
    for done, (name, label, image, refusal) in enumerate(read_images(listing, reading)):
        raise_if_stopped(should_stop)
        step(done)
        if image is None:
            refused.append((shown_name(name), refusal))
        else:
            photos.append(_StoredPhoto(label, target.tell(), target.write(_encode(image)), describe(image)))
    step(len(listing.paths))
    return photos


def _lay_out(name: str, photos: list[_StoredPhoto], file: BinaryIO, description: dict[str, Any]) -> None:
    """Lay out the photos stored in ``file``, and write ``info.json`` with ``description``."""
    counts = Counter(photo.label for photo in photos)
    check_classes(counts)
    classes = sorted(counts, key=natural_key)
    labels = [classes.index(photo.label) for photo in photos]
    groups = group_near_twins(np.stack([photo.description for photo in photos]), labels)
    parts = split_stratified(labels, groups)
    twins = np.bincount(groups)
    target, partial = own_datasets.folder(name), own_datasets.folder(f"incomplete.{name}")

    def examples(*splits: str) -> Iterator[tuple[bytes, int]]:
        for split in splits:
            for position in parts[split].tolist():
                file.seek(photos[position].start)
                yield file.read(photos[position].length), labels[position]

    sizes = {split: len(positions) for split, positions in parts.items()}
    totals = {**sizes, "train": sizes["train"] + sizes["validation"]}
    try:
        partial.mkdir(parents=True)
        for part, splits in {"train": ("train", "validation"), "test": ("test",)}.items():
            for _ in write_photos(examples(*splits), totals[part], partial, part):
                pass
        np.save(partial / "validation.npy", np.arange(sizes["train"], totals["train"]))
        class_counts = {
            split: np.bincount(np.asarray(labels)[positions], minlength=len(classes)).tolist()
            for split, positions in parts.items()
        }
        facts = {
            "class_names": classes,
            **totals,
            "class_counts": class_counts,
            "near_twins": int(twins[twins > 1].sum()),
            "twins_apart": can_be_kept_apart(labels, groups),
        }
        write_json(partial / "info.json", {**description, **facts})
        write_json(partial / "splits.json", {part: totals[part] for part in ("train", "test")})
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _encode(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    # Small images are often pixel art, which JPEG would blur.
    lossless = max(image.shape[:2]) <= _LOSSLESS_SIDE
    Image.fromarray(image).save(file, "PNG" if lossless else "JPEG", **({} if lossless else {"quality": 92}))
    return file.getvalue()
