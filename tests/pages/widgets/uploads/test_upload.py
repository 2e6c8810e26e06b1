"""Uploaded files as pages read them."""

import io
import re
import zipfile
from pathlib import Path

import pytest

from cnn.errors import CnnError
from pages.widgets.uploads.upload import Upload

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cats/1.jpg", b"cat" * 1000)
        archive.writestr("dogs/1.jpg", b"dog" * 1000)
    return path


@pytest.mark.parametrize("on_disk", [True, False])
def test_it_reads_as_a_file_does(zipped: Path, on_disk: bool) -> None:
    data = zipped.read_bytes()
    file = Upload("photos.zip", "id", len(data), zipped if on_disk else data)
    expected = io.BytesIO(data)
    assert file.read(7) == expected.read(7)
    assert file.seek(-5, 2) == expected.seek(-5, 2)
    assert file.read() == expected.read()
    assert file.read(3) == b""
    assert file.tell() == expected.tell()
    file.seek(3)
    assert file.getvalue() == data
    assert file.tell() == 3
    assert zipfile.ZipFile(file.as_file()).read("dogs/1.jpg") == b"dog" * 1000


@pytest.mark.parametrize("on_disk", [True, False])
def test_one_that_is_shorter_than_a_zip_can_be_is_none(tmp_path: Path, on_disk: bool) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear all")
    assert not zipfile.is_zipfile(Upload("letter.txt", "id", 8, path if on_disk else b"Dear all").as_file())


def test_one_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(CnnError, match=r"“cat\.jpg” is no longer on this server"):
        Upload("cat.jpg", "id", 3, tmp_path / "gone").read()


def test_pages_bring_files_in_through_uploaders_alone() -> None:
    """What Streamlit's own uploaders give has no bytes, because they are on disk."""
    direct = re.compile(r"\.(file_uploader|camera_input|audio_input|chat_input)\(")
    found = {path.name for path in (ROOT / "pages").rglob("*.py") if direct.search(path.read_text())}
    assert found == {"uploaders.py"}
