"""Importing uploads: classes, splits, stored images, and uploads that make no data set."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnn.data import catalog
from cnn.data.own import importer, near_twins, own_datasets, zip_reader
from cnn.errors import DatasetError
from cnn.progress import Stopped
from tests.data.own.uploads import (
    STRANGER,
    WORKSPACE,
    all_images,
    digest,
    encode_random_image,
    import_files,
    import_zip,
    make_two_classes,
    make_zip,
    submit,
)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_a_zip_with_a_folder_for_each_class_becomes_a_data_set(tmp_path):
    files = make_two_classes()
    name, refused = import_zip(tmp_path, files)
    assert refused == []
    info = catalog.info(name)
    assert (info.title, info.class_names, info.own, info.train, info.test, info.held_out) == (
        "Mine",
        ("bowl", "cup"),
        True,
        10,
        2,
        2,
    )
    assert all_images(name) == sorted((path.split("/")[1], digest(pixels(data))) for path, data in files.items())
    train, validation, test = (catalog.load(name, part) for part in ("train", "validation", "test"))
    assert np.bincount(train.labels).tolist() == [4, 4]
    assert sorted(validation.labels.tolist()) == sorted(test.labels.tolist()) == [0, 1]
    assert train.take([0, 1]).shape == (2, 64, 64, 3)
    assert not own_datasets.upload_path(name).exists()
    assert own_datasets.names(WORKSPACE) == [name]
    assert own_datasets.names(STRANGER) == []


def test_the_split_is_deterministic(tmp_path):
    first, second = (import_zip(tmp_path, make_two_classes())[0] for _ in range(2))
    for part in ("train", "validation", "test"):
        splits = [catalog.load(name, part) for name in (first, second)]
        np.testing.assert_array_equal(*(split.take(range(len(split))) for split in splits))


@given(st.lists(st.sampled_from([0, 1, 3]), max_size=120).map(lambda more: [0, 1, 3] * importer.MIN_IMAGES + more))
def test_splits_are_stratified_and_disjoint(labels):
    parts = near_twins.split_stratified(labels)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(labels)))
    for part in ("test", "validation"):
        for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
            members = sum(labels[position] == label for position in parts[part].tolist())
            assert members == max(1, round(count / 10))
    assert all(label in np.asarray(labels)[parts["train"]] for label in labels)


def test_files_without_folders_get_their_class_from_their_names(tmp_path):
    paths = [f"{name}{i}).PNG" for name in ("cat (", "dog-0") for i in range(5)]
    name, refused = import_files(tmp_path, [(path, io.BytesIO(encode_random_image(i))) for i, path in enumerate(paths)])
    assert refused == []
    assert catalog.info(name).class_names == ("cat", "dog")


def test_a_chosen_folder_is_imported_by_its_paths(tmp_path):
    name, refused = import_files(tmp_path, [(path, io.BytesIO(data)) for path, data in make_two_classes().items()])
    assert (catalog.info(name).class_names, refused) == (("bowl", "cup"), [])


def test_photos_are_stored_upright_without_metadata(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees
    exif[0x010F] = "a phone"
    files = make_two_classes()
    files["things/cup/photo.jpg"] = encode_random_image(7, (900, 1200), "JPEG", exif=exif.tobytes())
    name, _ = import_zip(tmp_path, files)
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
        pytest.fail("the photo is in no split")


UNUSABLE_ZIPS = {
    "not a zip": (lambda: io.BytesIO(b"PK but not really" * 9), "not a whole zip file"),
    "truncated zip": (lambda: io.BytesIO(make_zip(make_two_classes()).getvalue()[:-30]), "not a whole zip file"),
    "one class": (
        lambda: make_zip({f"cup/{i}.png": encode_random_image(i) for i in range(9)}),
        "All images are of one class, “cup”",
    ),
    "too few images": (lambda: make_zip(make_two_classes(4)), "only 4 can be used, and at least 5"),
    "no images": (lambda: make_zip({"cup/a.txt": b"a"}), "None of these files is an image"),
    "empty zip": (lambda: make_zip({}), "None of these files is an image"),
    "too many classes": (
        lambda: make_zip({f"{k % 21}/{k}.png": encode_random_image(k, (2, 9)) for k in range(105)}),
        "21 classes",
    ),
    "too many files": (
        lambda: make_zip({f"a/{i}.png": b"" for i in range(zip_reader.MAX_FILES + 1)}),
        "These are 2,001 files",
    ),
    "huge directory": (
        lambda: make_zip({f"{'a' * 200}/{i}.png": b"" for i in range(9_000)}),
        "lists far more than 2,000 files",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE_ZIPS)
def test_an_unusable_zip_is_reported_and_leaves_nothing(case, tmp_path):
    make, message = UNUSABLE_ZIPS[case]
    settings = submit([("things.zip", make())])
    with pytest.raises(DatasetError, match=message):
        importer.run_job(tmp_path, settings, lambda event: None, lambda: False)
    assert (tmp_path / "refused.json").is_file()
    data = own_datasets.folder("x").parent
    assert [path for path in data.rglob("*") if path.is_file()] == []
    assert own_datasets.names(WORKSPACE) == []


def test_stopping_an_import_leaves_nothing(tmp_path):
    settings = submit([("things.zip", make_zip(make_two_classes()))])
    with pytest.raises(Stopped):
        importer.run_job(tmp_path, settings, lambda event: None, lambda: True)
    assert not own_datasets.upload_path(settings["dataset"]).exists()
    assert own_datasets.names(WORKSPACE) == []


def test_running_a_finished_job_again_changes_nothing(tmp_path):
    settings = submit([("things.zip", make_zip(make_two_classes()))])
    importer.run_job(tmp_path, settings, lambda event: None, lambda: False)
    before = all_images(settings["dataset"])
    importer.run_job(tmp_path, settings, lambda event: None, lambda: False)
    assert all_images(settings["dataset"]) == before


def test_progress_counts_every_file(tmp_path):
    events = []
    importer.run_job(tmp_path, submit([("things.zip", make_zip(make_two_classes()))]), events.append, lambda: False)
    counts = [(event["done"], event["total"]) for event in events]
    assert (counts[0], counts[-1]) == ((0, 12), (12, 12))
    assert counts == sorted(counts)
