"""The features that a base extracts from a data set: computed once, stored, and deleted with the data set."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.model import store
from cnn.model.pretrained_bases import base_model
from cnn.progress import Stopped
from cnn.training import transfer_features


@pytest.fixture
def stored_features(digits, digits_features):
    """The features of ``digits`` by split, also on disk where this test looks for them."""
    folder, features = digits_features
    shutil.copytree(folder, digits / "features")
    return features


def test_features_are_the_bases_pooled_outputs(digits, digits_features) -> None:
    base = base_model("built-in")
    images = catalog.load("digits", "validation").fitted([0, 5], (32, 32, 3))
    expected = np.asarray(base(images)).max(axis=(1, 2))
    np.testing.assert_allclose(digits_features[1]["validation"][[0, 5]], expected, rtol=1e-3, atol=1e-3)
    assert digits_features[1]["train"].shape == (1293, 144)


def test_the_base_runs_once(stored_features, monkeypatch) -> None:
    monkeypatch.setattr(transfer_features, "feature_extractor", lambda base: pytest.fail("the base ran again"))
    again = transfer_features.extract_features("digits", "built-in", lambda event: None, lambda: False)
    np.testing.assert_array_equal(again["test"], stored_features["test"])
    transfer_features.features_file("digits", "built-in").write_bytes(b"damaged")
    assert transfer_features.load_features("digits", "built-in") is None


def test_features_of_a_retrained_base_are_extracted_again(stored_features, monkeypatch) -> None:
    card = store.card("cifar10-resnet")
    with monkeypatch.context() as patch:
        patch.setattr(store, "card", lambda id: replace(card, created=card.created + 1))
        assert transfer_features.load_features("digits", "built-in") is None
    assert transfer_features.load_features("digits", "built-in") is not None


def test_extraction_can_be_stopped_and_reports_progress(digits) -> None:
    events = []
    with pytest.raises(Stopped):
        transfer_features.extract_features("digits", "built-in", events.append, lambda: len(events) > 1)
    assert {event["type"] for event in events} == {"progress"}
    assert events[-1]["total"] == 1797
    assert not transfer_features.features_file("digits", "built-in").exists()


def test_features_of_own_images_are_deleted_with_them(digits) -> None:
    name = "own-" + "a" * 22
    own, other = (transfer_features.features_file(id, "built-in") for id in (name, "own-" + "b" * 22))
    own.parent.mkdir()
    for file in (own, other):
        file.write_bytes(b"")
    folder = digits / "own"
    folder.mkdir()
    (folder / "info.json").write_text("{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_datasets, "names", lambda workspace: [name])
        patch.setattr(own_datasets, "folder", lambda name: folder)
        own_datasets.delete_images(name, "me")
    assert (own.exists(), other.exists()) == (False, True)
