"""Malicious, damaged and unusual zips."""

import io
import stat
import zipfile

import pytest

from cnn.data import catalog
from cnn.data.image_decoding import MAX_BYTES
from cnn.data.own import zip_reader
from cnn.errors import DatasetError
from tests.data.own.uploads import all_images, encode_random_image, import_files, import_zip, make_two_classes, make_zip


def make_zip_entry(name: str, *, link: bool = False) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = ((stat.S_IFLNK if link else stat.S_IFREG) | 0o644) << 16
    return entry


REFUSED = {
    "path traversal": ("../../cup/evil.png", encode_random_image(1), "belongs outside of the zip"),
    "Windows path traversal": ("things\\..\\..\\cup\\evil.png", encode_random_image(1), "belongs outside of the zip"),
    "absolute": ("/etc/cup/evil.png", encode_random_image(1), "belongs outside of the zip"),
    "drive": ("C:/cup/evil.png", encode_random_image(1), "belongs outside of the zip"),
    "a link": (make_zip_entry("things/cup/link.png", link=True), b"/etc/passwd", "is a link to another file"),
    "nested zip": (
        "things/cup/more.zip",
        make_zip({"a.png": encode_random_image(1)}).getvalue(),
        "is an archive inside the zip",
    ),
    "nested zip in disguise": (
        "things/cup/x.png",
        make_zip({"a.png": b"1"}).getvalue(),
        "is an archive inside the zip",
    ),
    "bomb": ("things/cup/bomb.png", bytes(MAX_BYTES + 1), "unpacks to more than 50 MB"),
    "text": ("things/cup/readme.txt", b"hello", "is not a picture this app can read"),
    "empty": ("things/cup/empty.png", b"", "is empty"),
    "truncated": ("things/cup/cut.png", encode_random_image(1)[:90], "is cut off or damaged"),
    "in no folder": ("loose.png", encode_random_image(1), "lies in no folder"),
    "duplicate": ("things/cup/again.png", encode_random_image(0), "is the same picture as “0.png”;"),
    "duplicate in another class": ("things/bowl/again.png", encode_random_image(0), "which is of another class"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_with_a_reason_and_the_others_are_imported(case, tmp_path):
    path, data, reason = REFUSED[case]
    before = set(tmp_path.parent.rglob("*evil*"))
    name, refused = import_zip(tmp_path, {**make_two_classes(), path: data})
    assert len(refused) == 1
    assert reason in refused[0]
    assert len(all_images(name)) == 12
    assert set(tmp_path.parent.rglob("*evil*")) == before


def locate_zip_parts(file: io.BytesIO) -> tuple[bytearray, list[dict[str, int]]]:
    """The bytes of a zip, mutable, and the offsets of each file's header, content and directory entry."""
    with zipfile.ZipFile(file) as archive:
        directory, offsets = archive.start_dir, []
        for entry in archive.infolist():
            start, name_length = entry.header_offset, len(entry.filename.encode())
            offsets.append({"file": start, "content": start + 30 + name_length, "directory": directory})
            directory += 46 + name_length
    return bytearray(file.getvalue()), offsets


def test_encrypted_and_damaged_files_are_refused(tmp_path):
    data, entries = locate_zip_parts(make_zip(make_two_classes(7)))
    first, second = entries[:2]
    data[first["directory"] + 8] |= 1
    data[second["content"] + 20] ^= 0xFF
    _, refused = import_files(tmp_path, [("things.zip", io.BytesIO(data))])
    assert ["password" in refused[0], "damaged inside the zip" in refused[1]] == [True, True]


def test_system_files_are_ignored(tmp_path):
    system_files = {
        "__MACOSX/things/cup/._1.png": b"x",
        "things/.DS_Store": b"x",
        "things/cup/Thumbs.db": b"x",
        "things/bowl/desktop.ini": b"x",
        "things/cup/": b"",
    }
    _, refused = import_zip(tmp_path, {**make_two_classes(), **system_files})
    assert refused == []


def test_utf8_names_written_by_macs_are_read(tmp_path):
    files = {path.replace("cup", "Schüssel"): data for path, data in make_two_classes().items()}
    data, entries = locate_zip_parts(make_zip(files))
    for entry in entries:  # a Mac writes the same bytes without the UTF-8 flag
        data[entry["file"] + 7] &= ~8
        data[entry["directory"] + 9] &= ~8
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any("ü" in name for name in archive.namelist())
    name, _ = import_files(tmp_path, [("things.zip", io.BytesIO(data))])
    assert catalog.info(name).class_names == ("bowl", "Schüssel")


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_reader, "MAX_UNPACKED", 5_000)
    with pytest.raises(DatasetError, match="unpacks to more than"):
        import_zip(tmp_path, make_two_classes())


UNUSABLE = {
    "archives": make_zip({"a.png": b"1"}).getvalue(),
    "too large": bytes(MAX_BYTES + 1),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_refused_files_unpack_to_counts(kind, monkeypatch):
    data = UNUSABLE[kind]
    monkeypatch.setattr(zip_reader, "MAX_UNPACKED", 2 * len(data))
    listing = zip_reader.list_zip(make_zip({f"a/{n}": data for n in range(3)}, compression=zipfile.ZIP_DEFLATED))
    files = listing.files()
    assert [next(files).data for _ in range(2)] == [None, None]
    with pytest.raises(DatasetError, match="unpacks to more than"):
        next(files)


def test_what_damaged_files_unpack_to_counts(monkeypatch):
    size = 2**20 + 2**19  # one piece is unpacked before the damage shows at the end of the file
    data, entries = locate_zip_parts(make_zip({f"a/{n}": bytes(size) for n in range(3)}))
    for entry in entries:
        data[entry["directory"] + 16] ^= 0xFF  # the checksum
    monkeypatch.setattr(zip_reader, "MAX_UNPACKED", 5 * 2**19)
    files = zip_reader.list_zip(io.BytesIO(data)).files()
    assert next(files).refusal is not None
    with pytest.raises(DatasetError, match="unpacks to more than"):
        list(files)


def test_files_that_overlap_are_refused_before_any_is_unpacked():
    # A small zip could list the same large file two thousand times.
    file = make_zip({})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/bomb.png", bytes(MAX_BYTES))
        archive.filelist.extend(archive.filelist * 1_000)
    assert len(file.getvalue()) < 200_000
    with pytest.raises(DatasetError, match="not a whole zip"):
        zip_reader.list_zip(file)


def test_zip64_is_refused_before_its_directory_is_read(tmp_path):
    data = make_zip(make_two_classes()).getvalue()
    end = data.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    with pytest.raises(DatasetError, match="lists far more"):
        import_files(tmp_path, [("things.zip", io.BytesIO(data[:end] + locator + data[end:]))])
