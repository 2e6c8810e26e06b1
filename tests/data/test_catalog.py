"""The catalogue's descriptions, and preparing and loading data sets."""

import json
import threading

import numpy as np
import pytest
import tensorflow_datasets as tfds

from cnn.data import catalog, lay_out
from cnn.data.builtin.digits import enlarge, split_indices
from cnn.data.builtin.shapes import COUNTS, NAMES
from cnn.errors import DatasetError
from cnn.progress import Stopped


def never_stop():
    return False


def test_built_in_sets_come_first_and_all_can_be_cited():
    builtin = [catalog.info(name).builtin for name in catalog.names()]
    assert builtin == sorted(builtin, reverse=True)
    for name in catalog.names():
        info = catalog.info(name)
        assert info.name == name
        assert all((info.title, info.about, info.licence, info.citation))
        assert len(set(info.class_names)) == len(info.class_names)


def test_descriptions_of_built_in_sets_match_their_builders():
    assert catalog.info("shapes").class_names == catalog.info("shapes-left-right").class_names == tuple(NAMES)
    assert {split: len(indices) for split, indices in split_indices().items()} == {"train": 1437, "test": 360}
    info = catalog.info("shapes")
    assert {"train": info.train, "test": info.test} == COUNTS


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs", "mnist", "fashion_mnist"])
def test_descriptions_of_other_sets_match_tfds(name, tmp_path):
    info, features = catalog.info(name), tfds.builder_cls(name)(data_dir=tmp_path).info.features
    assert features["image"].shape == info.shape
    assert features["label"].num_classes == len(info.class_names)


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs"])
def test_class_names_are_in_label_order(name, prepared_data):
    builder = tfds.builder(name, data_dir=prepared_data / "tfds")
    assert tuple(builder.info.features["label"].names) == catalog.info(name).class_names


@pytest.mark.parametrize(
    ("name", "train", "held_out", "test"),
    [("digits", 1437, 144, 360), ("cifar10", 50_000, 5000, 10_000), ("cats_vs_dogs", 20_936, 2326, 2326)],
)
def test_numbers_of_images(name, train, held_out, test):
    info = catalog.info(name)
    assert (info.train, info.held_out, info.test) == (train, held_out, test)


def test_photos_have_a_square_network_shape():
    assert catalog.network_shape("cats_vs_dogs") == (64, 64, 3)
    assert catalog.network_shape("mnist") == (28, 28, 1)


@pytest.mark.parametrize("name", ["cifar11", "", "x" * 1000, "../digits"])
def test_an_unknown_set_is_a_short_error(name):
    for function in (catalog.info, catalog.folder, catalog.is_prepared, catalog.needs_download, catalog.network_shape):
        with pytest.raises(
            DatasetError, match=r"There is no data set called .* Choose one of: digits, shapes"
        ) as error:
            function(name)
        assert len(str(error.value)) < 250


def test_an_unknown_split_or_unprepared_set_is_reported():
    with pytest.raises(DatasetError, match="no split called “holdout”"):
        catalog.load("digits", "holdout")
    with pytest.raises(DatasetError, match=r"MNIST is not prepared.*datasets --prepare mnist"):
        catalog.load("mnist", "train")


def test_only_sets_that_are_not_built_in_need_a_download(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert not catalog.needs_download("digits")
    assert catalog.needs_download("mnist")


def test_sets_in_the_tfds_folder_need_no_download(prepared_data, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared_data / "tfds"))
    assert not catalog.needs_download("cifar10")
    assert not catalog.needs_download("cats_vs_dogs")
    assert catalog.needs_download("mnist")


def test_concurrent_requests_prepare_digits_once(cnn_home, monkeypatch):
    layouts = []
    monkeypatch.setattr(catalog, "lay_out", lambda *a: (layouts.append(a[1]), lay_out.lay_out(*a)))
    events, errors = [], []

    def prepare():
        try:
            catalog.prepare("digits", events.append, never_stop)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert layouts == [cnn_home / "data" / "digits"]
    assert {"Making Handwritten digits", "Laying out Handwritten digits"} <= {event["what"] for event in events}
    for event in events:
        assert event.keys() == {"type", "what", "done", "total", "unit", "seconds_left"}
    json.dumps(events, allow_nan=False)
    assert_digits_are_correct()


def assert_digits_are_correct():
    from sklearn.datasets import load_digits

    digits = load_digits()
    expected = {enlarge(image).tobytes(): label for image, label in zip(digits.images, digits.target, strict=True)}
    seen = set()
    for name, count in (("train", 1293), ("validation", 144), ("test", 360)):
        split = catalog.load("digits", name)
        images = split.take(range(len(split)))
        assert images.shape == (count, 32, 32, 1)
        assert [expected[image.tobytes()] for image in images] == split.labels.tolist()
        seen |= {image.tobytes() for image in images}
        assert set(np.unique(split.labels)) == set(range(10))
    assert len(seen) == 1797  # no image is in two splits


def test_stopping_the_preparation_leaves_nothing(cnn_home):
    with pytest.raises(Stopped):
        catalog.prepare("digits", lambda event: None, lambda: True)
    assert not catalog.is_prepared("digits")
    assert [path for path in (cnn_home / "data").iterdir() if path.is_dir()] == []


def test_the_job_calls_prepare(monkeypatch):
    calls = []
    monkeypatch.setattr(catalog, "prepare", lambda *arguments: calls.append(arguments))
    report = print
    catalog.run_job(None, {"dataset": "shapes"}, report, never_stop)
    assert calls == [("shapes", report, never_stop)]
