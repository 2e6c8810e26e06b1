"""Storing uploads, and who may view and delete a visitor's own sets."""

import io
import os

import pytest

from cnn.data import catalog
from cnn.data.own import own_datasets, zip_reader
from cnn.errors import DatasetError
from tests.data.own.uploads import STRANGER, WORKSPACE, import_zip, make_two_classes, make_zip, submit


def make_uploads(count: int, size: int = 1) -> list:
    return [(f"cup{i}.png", io.BytesIO(bytes(size))) for i in range(count)]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "No file was chosen"),
        ([("a.zip", io.BytesIO(b"x")), ("b.png", io.BytesIO(b"x"))], "a zip and other files"),
        (make_uploads(zip_reader.MAX_FILES + 1), "These are 2,001 files"),
        (make_uploads(1, own_datasets.MAX_UPLOAD + 1), "These are 100 MB, and at most 100 MB"),
    ],
)
def test_an_unusable_upload_is_refused(files, message):
    with pytest.raises(DatasetError, match=message):
        own_datasets.store_upload(files, WORKSPACE)


def test_a_visitor_has_at_most_five_sets(tmp_path, monkeypatch):
    monkeypatch.setattr(own_datasets, "MAX_SETS", 1)
    import_zip(tmp_path, make_two_classes())
    with pytest.raises(DatasetError, match="delete one first"):
        submit([("things.zip", make_zip(make_two_classes()))])
    import_zip(tmp_path, make_two_classes(), workspace=STRANGER)


def test_only_the_owner_deletes_a_set_and_its_description_stays(tmp_path):
    name, _ = import_zip(tmp_path, make_two_classes())
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
def test_an_invalid_or_unknown_name_is_refused(name):
    assert not catalog.is_known(name)
    with pytest.raises(DatasetError):
        catalog.load(name, "train")


def test_unread_uploads_are_deleted_after_a_day():
    recent, old = (submit([("things.zip", make_zip(make_two_classes()))])["dataset"] for _ in range(2))
    two_days_ago = own_datasets.upload_path(old).stat().st_mtime - 2 * 24 * 3600
    os.utime(own_datasets.upload_path(old), (two_days_ago, two_days_ago))
    own_datasets.delete_stale_uploads()
    assert (own_datasets.upload_path(recent).exists(), own_datasets.upload_path(old).exists()) == (True, False)
