"""Uploads of random images, and importing them."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from cnn.data import catalog
from cnn.data.own import importer, own_datasets

WORKSPACE, STRANGER = "a-workspace-00000000", "somebody-else-000000"


def encode_random_image(seed: int, size: tuple[int, int] = (20, 24), form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def digest(image: np.ndarray) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def make_zip(files: dict[str | zipfile.ZipInfo, bytes], **options) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file


def make_two_classes(count: int = 6) -> dict[str, bytes]:
    names = [(k, name, i) for k, name in enumerate(("cup", "bowl")) for i in range(count)]
    return {f"things/{name}/{i}.png": encode_random_image(100 * k + i) for k, name, i in names}


def submit(files, workspace: str = WORKSPACE, title: str = "Mine") -> dict:
    name = own_datasets.store_upload(files, workspace)
    return {"dataset": name, "title": title, "workspace": workspace, "created": 1.0}


def import_files(run: Path, files, **options) -> tuple[str, list[str]]:
    """Import ``files``; returns the set's name and the reasons for refused files."""
    settings = submit(files, **options)
    importer.run_job(run, settings, lambda event: None, lambda: False)
    return settings["dataset"], [reason for _, reason in json.loads((run / "refused.json").read_text())]


def import_zip(run: Path, files: dict, **options) -> tuple[str, list[str]]:
    return import_files(run, [("things.zip", make_zip(files))], **options)


def all_images(name: str) -> list[tuple[str, str]]:
    """(class, digest of the pixels) of all images of a set, sorted."""
    classes = catalog.info(name).class_names
    return sorted(
        (classes[label], digest(split.image(position)))
        for split in (catalog.load(name, part) for part in ("train", "validation", "test"))
        for position, label in enumerate(split.labels.tolist())
    )
