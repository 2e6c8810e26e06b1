"""Atomic writes, also on a full disk."""

import errno
import json

import pytest

from cnn.files import safe_file_name, write_atomically, write_json, write_whole


def write_part(file):
    file.write_text("ha")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_json_is_replaced_in_one_step(tmp_path):
    path = tmp_path / "card.json"
    write_json(path, {"class": "Käfer"})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"loss": float("nan")})
    assert json.loads(path.read_text()) == {"class": "Käfer"}
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "status.json"
    write_atomically(path, "old")

    def no_space(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("cnn.files.os.fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_leaves_the_old_file_and_no_partial_one(tmp_path):
    path = tmp_path / "epochs" / "1.weights.h5"
    write_whole(path, lambda file: file.write_text("old"))
    with pytest.raises(OSError, match="No space"):
        write_whole(path, write_part)
    assert path.read_text() == "old"
    assert [file.name for file in path.parent.iterdir()] == ["1.weights.h5"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Simple CNN on Handwritten digits, 2", "Simple CNN on Handwritten digits, 2"),
        ('../a\\b:c*"<d>|e?\n', "-a-b-c-d-e-"),
        (" mugs. ", "mugs"),
        ("con", "_con"),
        ("COM1.keras", "_COM1.keras"),
        ("...", "_"),
        ("猫と犬", "猫と犬"),
        ("x" * 200, "x" * 100),
    ],
)
def test_a_title_as_a_file_name_is_allowed_by_every_system(title, name):
    assert safe_file_name(title) == name
