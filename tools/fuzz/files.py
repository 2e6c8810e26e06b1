"""Pictures, zips of pictures and model files that visitors might send."""

import functools
import io
import json
import random
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from cnn.data.image_decoding import decode
from cnn.data.own.image_reader import ReadingChoices, list_images, read_images
from cnn.data.own.project_file import ProjectLimits, read_project
from cnn.errors import CnnError
from cnn.model import store
from cnn.model.exchange import admission, package
from tools.fuzz.damage import ODD_TEXTS, change, damage

_HEADS = (
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0+",
    b"RIFF\0\0\0\0WEBP",
    b"PK\3\4",
)
_MODEL = "digits-tutorial"


def try_image(rng: random.Random, folder: Path) -> None:
    """Decode a damaged picture, or noise that begins as one."""
    if rng.random() < 0.2:
        data = rng.choice(_HEADS) + rng.randbytes(rng.randrange(400))
    else:
        data = damage(rng.choice(_pictures()), rng)
    decode(data, rng.choice(ODD_TEXTS))


def try_zip(rng: random.Random, folder: Path) -> None:
    """Read a damaged zip of pictures, or one with odd names, as a data set and as a project of Teach your own."""
    data = _zip(rng)
    path = folder / "sent.zip"
    path.write_bytes(data)
    try:
        for _ in read_images(*list_images(path, ReadingChoices())):
            pass
    except CnnError:
        pass
    read_project(io.BytesIO(data), ProjectLimits(classes=10, photos=50, photos_of_class=20))


def try_model(rng: random.Random, folder: Path) -> None:
    """Check a model file that is damaged, or whose description or card is odd, as it is checked before it is loaded."""
    data = _model_file()
    if rng.random() < 0.4:
        data = damage(data, rng)
    else:
        member = rng.choice(("config.json", "metadata.json", package.CARD))
        data = _with_member(data, member, change(json.loads(_member(data, member)), rng))
    admission.check_model_file(io.BytesIO(data), rng.choice(ODD_TEXTS))


@functools.cache
def _pictures() -> tuple[bytes, ...]:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    pillow_heif.register_heif_opener(thumbnails=False)
    forms = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
    return (
        *(_encode(noise, form) for form in forms),
        _encode(noise, "JPEG", progressive=True),
        _encode(noise, "MPO", save_all=True, append_images=[noise]),
        _encode(noise, "TIFF", compression="tiff_lzw"),
        _encode(noise.convert("1"), "TIFF", compression="group3"),
        _encode(noise.convert("F"), "TIFF"),
        _encode(noise.convert("CMYK"), "JPEG"),
        _encode(noise.quantize(16), "PNG", transparency=3),
    )


def _encode(image: Image.Image, form: str, **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def _zip(rng: random.Random) -> bytes:
    file = io.BytesIO()
    warnings.filterwarnings("ignore", message="Duplicate name", module="zipfile")
    with zipfile.ZipFile(file, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for number in range(rng.randint(0, 8)):
            parts = [rng.choice(("cat", "dog", *ODD_TEXTS)) for _ in range(rng.randint(0, 3))]
            name = "/".join([*parts, f"{number}.png"]).encode(errors="replace").decode()
            entry = zipfile.ZipInfo(name)
            entry.external_attr = rng.choice((0, 0o120777 << 16, 0o644 << 16))
            archive.writestr(entry, damage(rng.choice(_pictures()), rng) if rng.random() < 0.5 else _pictures()[1])
    return damage(file.getvalue(), rng) if rng.random() < 0.5 else file.getvalue()


@functools.cache
def _model_file() -> bytes:
    return package.keras_file_with_card(store.card(_MODEL))


@functools.cache
def _member(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def _with_member(data: bytes, name: str, value: object) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.namelist():
            new.writestr(member, json.dumps(value).encode() if member == name else _member(data, member))
    return file.getvalue()
