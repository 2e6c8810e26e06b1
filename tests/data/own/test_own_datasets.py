"""A visitor's own images: what becomes a data set, what is refused and with which words, and who may do what."""

import hashlib
import io
import json
import os
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnn.data import catalog
from cnn.data.image_decoding import MAX_BYTES
from cnn.data.own import importer, own_datasets, zip_reader
from cnn.errors import DatasetError
from cnn.progress import Stopped

WORKSPACE, STRANGER = "a-workspace-00000000", "somebody-else-000000"


def picture(seed: int, size: tuple[int, int] = (20, 24), form: str = "PNG", **more) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, form, **more)
    return file.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def zipped(files: dict[str | zipfile.ZipInfo, bytes], **more) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **more) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return file


def two_classes(count: int = 6) -> dict[str, bytes]:
    names = [(k, name, i) for k, name in enumerate(("cup", "bowl")) for i in range(count)]
    return {f"things/{name}/{i}.png": picture(100 * k + i) for k, name, i in names}


def sent(files, workspace: str = WORKSPACE, title: str = "Mine") -> dict:
    name = own_datasets.store_upload(files, workspace)
    return {"dataset": name, "title": title, "workspace": workspace, "created": 1.0}


def bring(run: Path, files, **more) -> tuple[str, list[str]]:
    """The name of the set made of ``files``, and why some were refused."""
    settings = sent(files, **more)
    importer.run_job(run, settings, lambda event: None, lambda: False)
    return settings["dataset"], [sentence for _, sentence in json.loads((run / "refused.json").read_text())]


def bring_zip(run: Path, files: dict, **more) -> tuple[str, list[str]]:
    return bring(run, [("things.zip", zipped(files))], **more)


def digest(image: np.ndarray) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def everything(name: str) -> list[tuple[str, str]]:
    """(class, digest of the pixels) of every image of a set, sorted."""
    classes = catalog.info(name).class_names
    return sorted(
        (classes[label], digest(split.image(position)))
        for split in (catalog.load(name, part) for part in ("train", "validation", "test"))
        for position, label in enumerate(split.labels.tolist())
    )


def test_a_zip_with_a_folder_for_each_class_becomes_a_data_set(tmp_path):
    files = two_classes()
    name, refused = bring_zip(tmp_path, files)
    assert refused == []
    known = catalog.info(name)
    assert (known.title, known.class_names, known.own, known.train, known.test, known.held_out) == (
        "Mine",
        ("bowl", "cup"),
        True,
        10,
        2,
        2,
    )
    assert everything(name) == sorted((place.split("/")[1], digest(pixels(data))) for place, data in files.items())
    train, validation, test = (catalog.load(name, part) for part in ("train", "validation", "test"))
    assert np.bincount(train.labels).tolist() == [4, 4]
    assert sorted(validation.labels.tolist()) == sorted(test.labels.tolist()) == [0, 1]
    assert train.take([0, 1]).shape == (2, 64, 64, 3)
    assert not own_datasets.upload_path(name).exists()
    assert own_datasets.names(WORKSPACE) == [name]
    assert own_datasets.names(STRANGER) == []


def test_the_same_images_are_always_split_in_the_same_way(tmp_path):
    first, second = (bring_zip(tmp_path, two_classes())[0] for _ in range(2))
    for part in ("train", "validation", "test"):
        one, other = catalog.load(first, part), catalog.load(second, part)
        np.testing.assert_array_equal(one.take(range(len(one))), other.take(range(len(other))))


@given(st.lists(st.sampled_from([0, 1, 3]), max_size=120).map(lambda more: [0, 1, 3] * importer.MIN_IMAGES + more))
def test_every_class_is_in_every_part_and_no_image_in_two(labels):
    parts = importer.split_stratified(labels)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(labels)))
    for part in ("test", "validation"):
        for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
            held = sum(labels[position] == label for position in parts[part].tolist())
            assert held == max(1, round(count / 10))
    assert all(label in np.asarray(labels)[parts["train"]] for label in labels)


def test_files_without_folders_are_sorted_by_their_names(tmp_path):
    places = [f"{name}{i}).PNG" for name in ("cat (", "dog-0") for i in range(5)]
    name, refused = bring(tmp_path, [(place, io.BytesIO(picture(i))) for i, place in enumerate(places)])
    assert refused == []
    assert catalog.info(name).class_names == ("cat", "dog")


def test_a_chosen_folder_comes_as_files_with_their_places(tmp_path):
    name, refused = bring(tmp_path, [(place, io.BytesIO(data)) for place, data in two_classes().items()])
    assert (catalog.info(name).class_names, refused) == (("bowl", "cup"), [])


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([("photos", "cats", "1.jpg"), ("photos", "dogs", "1.jpg")], ["cats", "dogs"]),
        ([("cats", "1.jpg"), ("loose.jpg",)], ["cats", ""]),
        ([("red cup_12.jpg",), ("red cup.jpg",), ("IMG 3 (2).png",)], ["red cup", "red cup", "IMG 3"]),
        ([("<i>x</i>", "1.png"), ("a" * 90, "1.png")], ["-i-x--i-", "a" * 26 + "…" + "a" * 13]),
        ([("123.jpg",)], ["unnamed"]),
    ],
)
def test_the_class_is_the_folder_or_else_the_name(places, expected):
    assert importer.infer_classes(places) == expected


def test_photos_lose_their_notes_and_come_upright_and_small_pictures_keep_every_pixel(tmp_path):
    notes = Image.Exif()
    notes[0x0112] = 6  # turn by a quarter
    notes[0x010F] = "a phone"
    files = two_classes()
    files["things/cup/photo.jpg"] = picture(7, (900, 1200), "JPEG", exif=notes.tobytes())
    name, _ = bring_zip(tmp_path, files)
    for split in (catalog.load(name, part) for part in ("train", "validation", "test")):
        for position, index in enumerate(split.indices.tolist()):
            encoded = split.images.encoded(index)
            assert b"a phone" not in encoded
            height, width = split.image(position).shape[:2]
            if max(height, width) > 256:
                assert (height, width) == (640, 480)
                break
        else:
            continue
        break
    else:
        pytest.fail("the photo is nowhere")


def info(name: str, *, link: bool = False) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = ((stat.S_IFLNK if link else stat.S_IFREG) | 0o644) << 16
    return entry


REFUSED = {
    "slip": ("../../cup/evil.png", picture(1), "belongs outside of the zip"),
    "slip of Windows": ("things\\..\\..\\cup\\evil.png", picture(1), "belongs outside of the zip"),
    "absolute": ("/etc/cup/evil.png", picture(1), "belongs outside of the zip"),
    "drive": ("C:/cup/evil.png", picture(1), "belongs outside of the zip"),
    "a link": (info("things/cup/link.png", link=True), b"/etc/passwd", "is a link to another file"),
    "nested zip": ("things/cup/more.zip", zipped({"a.png": picture(1)}).getvalue(), "is an archive inside the zip"),
    "nested zip in disguise": ("things/cup/x.png", zipped({"a.png": b"1"}).getvalue(), "is an archive inside the zip"),
    "bomb": ("things/cup/bomb.png", bytes(MAX_BYTES + 1), "unpacks to more than 20 MB"),
    "text": ("things/cup/readme.txt", b"hello", "is not a picture this app can read"),
    "empty": ("things/cup/empty.png", b"", "is empty"),
    "cut off": ("things/cup/cut.png", picture(1)[:90], "is cut off or damaged"),
    "in no folder": ("loose.png", picture(1), "lies in no folder"),
    "twice": ("things/cup/again.png", picture(0), "is the same picture as “0.png”;"),
    "in two classes": ("things/bowl/again.png", picture(0), "which is of another class"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_with_its_reason_and_the_others_are_taken(case, tmp_path):
    place, data, reason = REFUSED[case]
    before = set(tmp_path.parent.rglob("*evil*"))
    name, refused = bring_zip(tmp_path, {**two_classes(), place: data})
    assert len(refused) == 1
    assert reason in refused[0]
    assert len(everything(name)) == 12
    assert set(tmp_path.parent.rglob("*evil*")) == before


def forged(file: io.BytesIO) -> tuple[bytearray, list[dict[str, int]]]:
    """The bytes of a zip, to be changed, and where each file's header, content and directory entry begin."""
    with zipfile.ZipFile(file) as packed:
        entries = packed.infolist()
        at, found = packed.start_dir, []
        for entry in entries:
            name = len(entry.filename.encode())
            found.append({"file": entry.header_offset, "content": entry.header_offset + 30 + name, "directory": at})
            at += 46 + name
    return bytearray(file.getvalue()), found


def test_a_locked_and_a_damaged_file_are_refused(tmp_path):
    data, entries = forged(zipped(two_classes(7)))
    first, second = entries[:2]
    data[first["directory"] + 8] |= 1
    data[second["content"] + 20] ^= 0xFF
    _, refused = bring(tmp_path, [("things.zip", io.BytesIO(data))])
    assert ["password" in refused[0], "damaged inside the zip" in refused[1]] == [True, True]


def test_what_systems_add_is_neither_taken_nor_mentioned(tmp_path):
    added = {
        "__MACOSX/things/cup/._1.png": b"x",
        "things/.DS_Store": b"x",
        "things/cup/Thumbs.db": b"x",
        "things/bowl/desktop.ini": b"x",
        "things/cup/": b"",
    }
    _, refused = bring_zip(tmp_path, {**two_classes(), **added})
    assert refused == []


def test_names_that_a_mac_writes_are_read(tmp_path):
    files = {place.replace("cup", "Schüssel"): data for place, data in two_classes().items()}
    data, entries = forged(zipped(files))
    for entry in entries:  # a Mac writes the same bytes, without the mark that says UTF-8
        data[entry["file"] + 7] &= ~8
        data[entry["directory"] + 9] &= ~8
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert not any("ü" in name for name in packed.namelist())
    name, _ = bring(tmp_path, [("things.zip", io.BytesIO(data))])
    assert catalog.info(name).class_names == ("bowl", "Schüssel")


WHOLE = {
    "no zip": (lambda: io.BytesIO(b"PK but not really" * 9), "not a whole zip file"),
    "a zip cut off": (lambda: io.BytesIO(zipped(two_classes()).getvalue()[:-30]), "not a whole zip file"),
    "one class": (lambda: zipped({f"cup/{i}.png": picture(i) for i in range(9)}), "All images are of one class, “cup”"),
    "too few": (lambda: zipped(two_classes(4)), "only 4 can be used, and at least 5"),
    "nothing": (lambda: zipped({"cup/a.txt": b"a"}), "None of these files is an image"),
    "empty zip": (lambda: zipped({}), "None of these files is an image"),
    "classes": (lambda: zipped({f"{k % 21}/{k}.png": picture(k, (2, 9)) for k in range(105)}), "21 classes"),
    "files": (lambda: zipped({f"a/{i}.png": b"" for i in range(zip_reader.MAX_FILES + 1)}), "These are 2,001 files"),
    "endless directory": (
        lambda: zipped({f"{'a' * 200}/{i}.png": b"" for i in range(9_000)}),
        "lists far more than 2,000 files",
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_cannot_become_a_data_set_says_why_and_leaves_nothing(case, tmp_path):
    make, reason = WHOLE[case]
    settings = sent([("things.zip", make())])
    with pytest.raises(DatasetError, match=reason):
        importer.run_job(tmp_path, settings, lambda event: None, lambda: False)
    assert (tmp_path / "refused.json").is_file()
    data = own_datasets.folder("x").parent
    assert [path for path in data.rglob("*") if path.is_file()] == []
    assert own_datasets.names(WORKSPACE) == []


def test_a_zip_that_unpacks_to_too_much_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_reader, "MAX_UNPACKED", 5_000)
    with pytest.raises(DatasetError, match="unpacks to more than"):
        bring_zip(tmp_path, two_classes())


def test_zip64_is_refused_before_its_directory_is_read(tmp_path):
    data = zipped(two_classes()).getvalue()
    end = data.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    with pytest.raises(DatasetError, match="lists far more"):
        bring(tmp_path, [("things.zip", io.BytesIO(data[:end] + locator + data[end:]))])


def opened(count: int, size: int = 1) -> list:
    return [(f"cup{i}.png", io.BytesIO(bytes(size))) for i in range(count)]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "No file was chosen"),
        ([("a.zip", io.BytesIO(b"x")), ("b.png", io.BytesIO(b"x"))], "a zip and other files"),
        (opened(zip_reader.MAX_FILES + 1), "These are 2,001 files"),
        (opened(1, own_datasets.MAX_UPLOAD + 1), "These are 100 MB, and at most 100 MB"),
    ],
)
def test_what_cannot_be_received_says_why(files, reason):
    with pytest.raises(DatasetError, match=reason):
        own_datasets.store_upload(files, WORKSPACE)


def test_a_visitor_has_at_most_five_sets(tmp_path, monkeypatch):
    monkeypatch.setattr(own_datasets, "MAX_SETS", 1)
    bring_zip(tmp_path, two_classes())
    with pytest.raises(DatasetError, match="delete one first"):
        sent([("things.zip", zipped(two_classes()))])
    bring_zip(tmp_path, two_classes(), workspace=STRANGER)


def test_only_its_owner_deletes_a_set_and_models_still_know_its_classes(tmp_path):
    name, _ = bring_zip(tmp_path, two_classes())
    with pytest.raises(DatasetError, match="not yours"):
        own_datasets.delete_images(name, STRANGER)
    assert catalog.is_prepared(name)
    own_datasets.delete_images(name, WORKSPACE)
    assert [path.name for path in own_datasets.folder(name).iterdir()] == ["info.json"]
    assert catalog.info(name).class_names == ("bowl", "cup")
    assert own_datasets.names(WORKSPACE) == []
    with pytest.raises(DatasetError, match="were deleted"):
        catalog.load(name, "train")
    with pytest.raises(DatasetError, match="deleted before"):
        own_datasets.delete_images(name, WORKSPACE)


@pytest.mark.parametrize("name", ["own-../../../../../../etc/passwd", "own-", "own-short", "own-" + "a" * 22])
def test_a_name_that_is_none_is_unknown(name):
    assert not catalog.is_known(name)
    with pytest.raises(DatasetError):
        catalog.load(name, "train")


def test_a_stop_leaves_nothing(tmp_path):
    settings = sent([("things.zip", zipped(two_classes()))])
    with pytest.raises(Stopped):
        importer.run_job(tmp_path, settings, lambda event: None, lambda: True)
    assert not own_datasets.upload_path(settings["dataset"]).exists()
    assert own_datasets.names(WORKSPACE) == []


def test_a_job_that_is_run_again_after_its_last_step_changes_nothing(tmp_path):
    settings = sent([("things.zip", zipped(two_classes()))])
    importer.run_job(tmp_path, settings, lambda event: None, lambda: False)
    before = everything(settings["dataset"])
    importer.run_job(tmp_path, settings, lambda event: None, lambda: False)
    assert everything(settings["dataset"]) == before


def test_progress_counts_every_file(tmp_path):
    events = []
    importer.run_job(tmp_path, sent([("things.zip", zipped(two_classes()))]), events.append, lambda: False)
    counts = [(event["done"], event["total"]) for event in events]
    assert (counts[0], counts[-1]) == ((0, 12), (12, 12))
    assert counts == sorted(counts)


def test_what_no_job_has_read_is_swept_after_a_day():
    fresh, old = (sent([("things.zip", zipped(two_classes()))])["dataset"] for _ in range(2))
    long_ago = own_datasets.upload_path(old).stat().st_mtime - 2 * 24 * 3600
    os.utime(own_datasets.upload_path(old), (long_ago, long_ago))
    own_datasets.delete_stale_uploads()
    assert (own_datasets.upload_path(fresh).exists(), own_datasets.upload_path(old).exists()) == (True, False)
