"""Imports a visitor's own images as a data set, from many files or one zip with a folder for each class.

Images are decoded and re-encoded, which removes the metadata that phones put into photos (place, time, owner).
"""

import hashlib
import io
import re
import shutil
import tempfile
from collections import Counter
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
MIN_IMAGES = 5  # per class: three for training, one each for validation and test
SIDE = 640  # pixels; larger images are scaled down before they are stored

_LOSSLESS_SIDE = 256
_SEED = 20150205

Refusals = list[tuple[str, str]]
"""(file name, reason) of each file that was refused."""


def run_job(run: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``bring``: import an upload and lay it out as a data set.

    Writes ``refused.json``, the `Refusals`, into the run's folder, even if the import fails.

    Args:
        settings: {"dataset": name from ``store_upload``, "title", "workspace", "created"}.

    Raises:
        DatasetError: the images do not make a data set.
        Stopped: ``should_stop`` returned True.
    """
    name, refused = str(settings["dataset"]), Refusals()
    if is_laid_out(own_datasets.folder(name)):  # the worker died right after the last step
        return
    try:
        with tempfile.TemporaryFile(dir=run) as file:
            photos = _read_photos(own_datasets.upload_path(name), file, refused, report, should_stop)
            _lay_out(name, photos, file, {key: settings[key] for key in ("title", "workspace", "created")})
    finally:
        write_json(run / "refused.json", refused)
        own_datasets.upload_path(name).unlink(missing_ok=True)


def infer_classes(paths: Sequence[tuple[str, ...]]) -> list[str]:
    """Infer each file's class: its folder or, if no file is in a folder, its name without the trailing number.

    Args:
        paths: for each file, the names of its folders and its own name.

    Returns:
        The class of each file, or "" if it is in no folder while others are.
    """
    if any(len(path) > 1 for path in paths):
        return [shown_name(path[-2]) if len(path) > 1 else "" for path in paths]
    return [shown_name(re.sub(r"[\s._()-]*\d*[\s._()-]*$", "", Path(path[-1]).stem)) for path in paths]


def split_stratified(labels: Sequence[int]) -> dict[str, np.ndarray]:
    """Split images by class: a tenth of each class, at least one, for the test and as many for validation.

    The split is deterministic: it depends only on the labels and their order.

    Returns:
        Positions, int64, for "train", "validation" and "test"; the three are disjoint.
    """
    parts: dict[str, list[np.ndarray]] = {"test": [], "validation": [], "train": []}
    for label in np.unique(labels):
        members = np.flatnonzero(np.asarray(labels) == label)
        shuffled = np.random.default_rng([_SEED, int(label)]).permutation(members)
        tenth = max(1, round(len(members) / 10))
        for part, positions in zip(parts, np.split(shuffled, [tenth, 2 * tenth]), strict=True):
            parts[part].append(positions)
    return {part: np.sort(np.concatenate(positions)) for part, positions in parts.items()}


def _read_photos(
    path: Path, target: BinaryIO, refused: Refusals, report: Report, should_stop: ShouldStop
) -> list[tuple[str, int, int]]:
    """Write every usable image to ``target``; returns the class, start and length in bytes of each."""
    paths, files = zip_reader.read_files(path)
    photos: list[tuple[str, int, int]] = []
    seen: dict[bytes, tuple[str, str]] = {}
    step = progress_meter(report, "Reading your images", len(paths), "images")
    for done, (label, file) in enumerate(zip(infer_classes(paths), files, strict=True)):
        raise_if_stopped(should_stop)
        step(done)
        try:
            if file.refusal or file.data is None:
                raise ImageError(file.refusal or "")
            if not label:
                raise ImageError(
                    f"“{shown_name(file.name)}” lies in no folder, and others do; put it into the folder of its class."
                )
            image = _shrink(decode(file.data, file.name))
            digest = hashlib.blake2b(repr(image.shape).encode() + image.tobytes(), digest_size=16).digest()
            if digest in seen:
                raise ImageError(_duplicate_message(file.name, label, *seen[digest]))
        except ImageError as error:
            refused.append((shown_name(file.name), str(error)))
            continue
        seen[digest] = file.name, label
        photos.append((label, target.tell(), target.write(_encode(image))))
    step(len(paths))
    return photos


def _lay_out(name: str, photos: list[tuple[str, int, int]], file: BinaryIO, description: dict[str, Any]) -> None:
    """Lay out the photos stored in ``file``, and write ``info.json`` with ``description``."""
    counts = Counter(label for label, _, _ in photos)
    _check_classes(counts)
    classes = sorted(counts, key=str.casefold)
    labels = [classes.index(label) for label, _, _ in photos]
    parts = split_stratified(labels)
    target, partial = own_datasets.folder(name), own_datasets.folder(f"incomplete.{name}")

    def examples(*splits: str) -> Iterator[tuple[bytes, int]]:
        for split in splits:
            for position in parts[split].tolist():
                _, start, length = photos[position]
                file.seek(start)
                yield file.read(length), labels[position]

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
        write_json(
            partial / "info.json", {**description, "class_names": classes, **totals, "class_counts": class_counts}
        )
        write_json(partial / "splits.json", {part: totals[part] for part in ("train", "test")})
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _check_classes(counts: dict[str, int]) -> None:
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


def _duplicate_message(name: str, label: str, other: str, other_label: str) -> str:
    clause = "" if label == other_label else f", which is of another class ({other_label})"
    return (
        f"“{shown_name(name)}” is the same picture as “{shown_name(other)}”{clause}; a picture that is in training and "
        "in the test tells nothing, so only the first is taken."
    )


def _shrink(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    return image if scale >= 1 else resize(image, max(1, round(height * scale)), max(1, round(width * scale)))


def _encode(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    # Small images are often pixel art, which JPEG would blur.
    lossless = max(image.shape[:2]) <= _LOSSLESS_SIDE
    Image.fromarray(image).save(file, "PNG" if lossless else "JPEG", **({} if lossless else {"quality": 92}))
    return file.getvalue()
