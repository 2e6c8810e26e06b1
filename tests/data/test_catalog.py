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


def go_on():
    return False


def test_the_built_in_sets_come_first_and_each_can_be_cited():
    builtin = [catalog.info(name).builtin for name in catalog.names()]
    assert builtin == sorted(builtin, reverse=True)
    for name in catalog.names():
        known = catalog.info(name)
        assert known.name == name
        assert all((known.title, known.about, known.licence, known.citation))
        assert len(set(known.class_names)) == len(known.class_names)


def test_built_in_sets_are_described_as_they_are_made():
    assert catalog.info("shapes").class_names == catalog.info("shapes-left-right").class_names == tuple(NAMES)
    assert {split: len(rows) for split, rows in split_indices().items()} == {"train": 1437, "test": 360}
    known = catalog.info("shapes")
    assert {"train": known.train, "test": known.test} == COUNTS


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs", "mnist", "fashion_mnist"])
def test_other_sets_are_described_as_tfds_does(name, tmp_path):
    known, features = catalog.info(name), tfds.builder_cls(name)(data_dir=tmp_path).info.features
    assert features["image"].shape == known.shape
    assert features["label"].num_classes == len(known.class_names)


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs"])
def test_classes_are_named_in_the_order_of_their_labels(name, prepared_data):
    builder = tfds.builder(name, data_dir=prepared_data / "tfds")
    assert tuple(builder.info.features["label"].names) == catalog.info(name).class_names


@pytest.mark.parametrize(
    ("name", "train", "held_out", "test"),
    [("digits", 1437, 144, 360), ("cifar10", 50_000, 5000, 10_000), ("cats_vs_dogs", 20_936, 2326, 2326)],
)
def test_how_many_images_there_are(name, train, held_out, test):
    known = catalog.info(name)
    assert (known.train, known.held_out, known.test) == (train, held_out, test)


def test_photos_are_seen_square():
    assert catalog.network_shape("cats_vs_dogs") == (64, 64, 3)
    assert catalog.network_shape("mnist") == (28, 28, 1)


@pytest.mark.parametrize("name", ["cifar11", "", "x" * 1000, "../digits"])
def test_an_unknown_set_is_one_short_sentence(name):
    for ask in (catalog.info, catalog.folder, catalog.is_prepared, catalog.needs_download, catalog.network_shape):
        with pytest.raises(
            DatasetError, match=r"There is no data set called .* Choose one of: digits, shapes"
        ) as refused:
            ask(name)
        assert len(str(refused.value)) < 250


def test_an_unknown_split_and_a_set_that_is_not_prepared_are_sentences():
    with pytest.raises(DatasetError, match="no split called “holdout”"):
        catalog.load("digits", "holdout")
    with pytest.raises(DatasetError, match=r"MNIST is not prepared.*datasets --prepare mnist"):
        catalog.load("mnist", "train")


def test_what_has_to_be_downloaded(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert not catalog.needs_download("digits")
    assert catalog.needs_download("mnist")


def test_a_prepared_tfds_folder_needs_no_download(prepared_data, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared_data / "tfds"))
    assert not catalog.needs_download("cifar10")
    assert not catalog.needs_download("cats_vs_dogs")
    assert catalog.needs_download("mnist")


def test_digits_are_prepared_once_though_two_ask_at_once(cnn_home, monkeypatch):
    laid_out = []
    monkeypatch.setattr(catalog, "lay_out", lambda *a: (laid_out.append(a[1]), lay_out.lay_out(*a)))
    events, failed = [], []

    def prepare():
        try:
            catalog.prepare("digits", events.append, go_on)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert laid_out == [cnn_home / "data" / "digits"]
    assert {"Making Handwritten digits", "Laying out Handwritten digits"} <= {event["what"] for event in events}
    for event in events:
        assert event.keys() == {"type", "what", "done", "total", "unit", "seconds_left"}
    json.dumps(events, allow_nan=False)
    assert_digits_are_right()


def assert_digits_are_right():
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
    assert len(seen) == 1797  # so no image is in two splits


def test_preparing_can_be_stopped_and_leaves_nothing(cnn_home):
    with pytest.raises(Stopped):
        catalog.prepare("digits", lambda event: None, lambda: True)
    assert not catalog.is_prepared("digits")
    assert [path for path in (cnn_home / "data").iterdir() if path.is_dir()] == []


def test_the_job_does_what_prepare_does(monkeypatch):
    asked = []
    monkeypatch.setattr(catalog, "prepare", lambda *arguments: asked.append(arguments))
    report = print
    catalog.run_job(None, {"dataset": "shapes"}, report, go_on)
    assert asked == [("shapes", report, go_on)]
