"""A project file gives back what was saved, is a data set too, and a zip that is none gets a sentence."""

import io
import zipfile

import numpy as np
import pytest

from cnn.data.own import zip_reader
from cnn.data.own.image_reader import ReadingChoices, list_images, read_images
from cnn.data.own.project_file import ProjectLimits, read_project, write_project
from cnn.errors import DatasetError
from tests.data.own.uploads import encode_random_image, make_two_classes, make_zip

LIMITS = ProjectLimits(classes=10, photos_of_class=100, photos=300)
NAMES = ["zebra", "C#", "a/b", "C: mug", "..", "🦓 _x_", "train", "Ant 2", "ant 2", "__MACOSX"]


def pictures(count: int, seed: int) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    return [generator.integers(0, 256, (20 + n, 24, 3), dtype=np.uint8) for n in range(count)]


def saved(names: list[str], counts: list[int]) -> tuple[bytes, list[list[np.ndarray]]]:
    groups = [pictures(count, seed) for seed, count in enumerate(counts)]
    return write_project(names, groups), groups


def test_names_photos_and_order_come_back() -> None:
    counts = [3, 2, 2, 2, 2, 2, 2, 2, 2, 12]
    file, groups = saved(NAMES, counts)
    read = read_project(io.BytesIO(file), LIMITS)
    assert read.names == NAMES
    assert (read.refusals, read.left_out) == ([], 0)
    for group, back in zip(groups, read.photos, strict=True):
        for picture, (_, found) in zip(group, back, strict=True):
            np.testing.assert_array_equal(found, picture)


def test_empty_classes_grey_photos_and_photos_that_are_the_same_come_back() -> None:
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    file = write_project(["none", "twice", "no more"], [[], [grey, grey], []])
    read = read_project(io.BytesIO(file), LIMITS)
    assert (read.names, [len(group) for group in read.photos]) == (["none", "twice", "no more"], [0, 2, 0])
    np.testing.assert_array_equal(read.photos[1][0][1], np.repeat(grey, 3, axis=2))


def test_names_that_become_one_folder_stay_two_classes() -> None:
    names = ["a/b", "a\N{DIVISION SLASH}b", "c"]
    file, _ = saved(names, [2, 2, 0])
    read = read_project(io.BytesIO(file), LIMITS)
    assert [len(group) for group in read.photos] == [2, 2, 0]
    assert len(set(read.names)) == 3


def test_a_project_is_a_data_set_without_a_question(tmp_path) -> None:
    names = [name for name in NAMES if name not in ("Ant 2", "..")]
    file, groups = saved([*names, "empty"], [*([2] * len(names)), 0])
    path = tmp_path / "project.zip"
    path.write_bytes(file)
    listing, reading = list_images(path, ReadingChoices())
    assert list(reading.layouts) == ["outer"]
    assert reading.notes == ()
    assert listing.left_out == 0
    found = list(read_images(listing, reading))
    assert [image.refusal for image in found] == [""] * 2 * len(names)
    for image, picture in zip(found, [picture for group in groups for picture in group], strict=True):
        np.testing.assert_array_equal(image.image, picture)
    assert len({image.label for image in found}) == len(names)
    assert {"zebra", "C#", "🦓 _x_", "train"} <= {image.label for image in found}


def test_a_zip_from_elsewhere_is_opened() -> None:
    files = {**make_two_classes(), "__MACOSX/things/cup/._0.png": b"x", "things/notes.txt": b"ours", "things/": b""}
    read = read_project(make_zip(files), LIMITS)
    assert (read.names, [len(group) for group in read.photos]) == (["cup", "bowl"], [6, 6])
    assert len(read.refusals) == 1
    assert "notes.txt" in read.refusals[0]


def test_every_class_gets_a_share_of_too_many_photos() -> None:
    files = {f"{name}/{n}.png": encode_random_image(n, (4, 4)) for name in "abc" for n in range(7)}
    read = read_project(make_zip(files), ProjectLimits(classes=3, photos_of_class=6, photos=12))
    assert ([len(group) for group in read.photos], read.left_out) == ([4, 4, 4], 9)
    read = read_project(make_zip(files), ProjectLimits(classes=3, photos_of_class=6, photos=100))
    assert ([len(group) for group in read.photos], read.left_out) == ([6, 6, 6], 3)


def test_each_picture_is_made_smaller_before_the_next_is_read() -> None:
    file, _ = saved(["a", "b"], [2, 2])
    read = read_project(io.BytesIO(file), LIMITS, lambda picture: picture[:5])
    assert {picture.shape[0] for group in read.photos for _, picture in group} == {5}


def locked() -> io.BytesIO:
    """A zip whose directory says that its one file has a password."""
    data = bytearray(make_zip({"a/1.png": encode_random_image(1)}).getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return io.BytesIO(bytes(data))


BAD = {
    "no zip": (lambda: io.BytesIO(b"no zip at all"), "not a whole zip"),
    "cut off": (lambda: io.BytesIO(make_zip(make_two_classes()).getvalue()[:-40]), "not a whole zip"),
    "empty": (lambda: make_zip({}), "no picture"),
    "folders only": (lambda: make_zip({"a/": b"", "b/": b""}), "no picture"),
    "no pictures": (lambda: make_zip({"a/1.txt": b"a", "b/2.txt": b"b"}), "1.txt"),
    "outside": (lambda: make_zip({"../a/1.png": encode_random_image(1)}), "outside"),
    "locked": (locked, "password"),
    "zip in zip": (lambda: make_zip({"a/1.zip": make_zip({}).getvalue()}), "archive inside"),
    "too many classes": (lambda: make_zip({f"{n}/1.png": encode_random_image(n) for n in range(11)}), "11 classes"),
    "too many files": (lambda: make_zip({f"a/{n}.png": b"" for n in range(zip_reader.MAX_FILES + 1)}), "2,001 files"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_project_gets_a_sentence(case: str) -> None:
    make, expected = BAD[case]
    with pytest.raises(DatasetError, match=expected):
        read_project(make(), LIMITS)


def test_a_zip_that_unpacks_to_too_much_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_reader, "MAX_UNPACKED", 10_000)
    bomb = make_zip({f"a/{n}.png": bytes(5_000) for n in range(5)}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(DatasetError, match="unpacks to more than"):
        read_project(bomb, LIMITS)
