"""Reading laid-out splits, intact and damaged."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from cnn.data.split import EncodedImages, read_split
from cnn.errors import DatasetError


@pytest.fixture
def small_copy(tmp_path):
    """A handmade laid-out set of 20 + 5 images, each of one grey value."""
    folder = tmp_path / "small"
    folder.mkdir()
    for part, count in (("train", 20), ("test", 5)):
        images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 6, 1), np.uint8)
        np.save(folder / f"{part}.images.npy", images)
        np.save(folder / f"{part}.labels.npy", np.arange(count) % 3)
    np.save(folder / "validation.npy", np.array([3, 8]))
    (folder / "splits.json").write_text(json.dumps({"train": 20, "test": 5}))
    return folder


def test_the_three_splits_are_disjoint(small_copy):
    train, validation, test = (read_split(small_copy, split) for split in ("train", "validation", "test"))
    assert validation.take([0, 1])[:, 0, 0, 0].tolist() == [3, 8]
    assert train.take(range(18))[:, 0, 0, 0].tolist() == [n for n in range(20) if n not in (3, 8)]
    assert test.take([4, 0])[:, 0, 0, 0].tolist() == [4, 0]
    assert test.labels.tolist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.images.npy", b""),
        ("train.images.npy", b"\x93NUMPY\x01\x00"),
        ("train.images.npy", None),
        ("train.labels.npy", b"not an array"),
        ("train.labels.npy", b""),
        ("validation.npy", b""),
        ("splits.json", b"{"),
        ("splits.json", b"[]"),
        ("splits.json", b"{}"),
        ("splits.json", b'{"train": 21}'),
    ],
)
def test_a_damaged_copy_is_a_one_sentence_error(small_copy, name, content):
    (small_copy / name).write_bytes(content) if content is not None else (small_copy / name).unlink()
    with pytest.raises(DatasetError, match=r"The prepared copy of small is damaged .* prepare it again\.$"):
        read_split(small_copy, "train")


def test_a_truncated_copy_is_reported(small_copy):
    content = (small_copy / "train.images.npy").read_bytes()
    (small_copy / "train.images.npy").write_bytes(content[:-1])
    with pytest.raises(DatasetError, match="damaged"):
        read_split(small_copy, "train")


def test_validation_indices_out_of_range_are_reported(small_copy):
    np.save(small_copy / "validation.npy", np.array([3, 99]))
    with pytest.raises(DatasetError, match="damaged"):
        read_split(small_copy, "validation")


def test_truncated_or_damaged_photos_are_reported(tmp_path):
    file = io.BytesIO()
    Image.new("L", (5, 3), 200).save(file, "PNG")
    png = file.getvalue()
    path = tmp_path / "train.images.bin"
    path.write_bytes(png + png[:40])
    images = EncodedImages(path, np.array([0, len(png), len(png) + 40]))
    assert images[0].shape == (3, 5, 3)
    assert (images[0] == 200).all()
    with pytest.raises(DatasetError, match=r"Image 1 in .* is damaged"):
        images[1]
    with pytest.raises(ValueError, match="instead of"):
        EncodedImages(path, np.array([0, len(png), len(png) + 41]))
