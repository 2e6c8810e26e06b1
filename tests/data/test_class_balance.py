"""What guessing gives on a data set, and weights that make its classes count the same."""

import json

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.utils.class_weight import compute_class_weight

from cnn.data import catalog
from cnn.data.class_balance import balanced_weights, class_counts, is_unbalanced, majority_share
from cnn.data.own import own_datasets
from cnn.training.config import recipe
from tests.data.own.uploads import WORKSPACE, encode_random_image, import_zip


def import_unbalanced(folder, cups=40, bowls=10) -> str:
    """Import a set of own images with so many of each class and return its name."""
    folder.mkdir(exist_ok=True)
    files = {f"bowl/{i}.png": encode_random_image(i) for i in range(bowls)}
    files |= {f"cup/{i}.png": encode_random_image(1000 + i) for i in range(cups)}
    return import_zip(folder, files)[0]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_guessing_is_the_accuracy_of_scikit_learns_most_frequent_class(digits, tmp_path, split):
    for name in ("digits", import_unbalanced(tmp_path)):
        labels = catalog.load(name, split).labels
        guesser = DummyClassifier(strategy="most_frequent").fit(np.zeros((len(labels), 1)), labels)
        assert majority_share(name, split) == guesser.score(np.zeros((len(labels), 1)), labels)


def test_images_that_are_not_here_are_taken_for_balanced(cnn_home):
    assert majority_share("digits", "test") == 0.1
    assert class_counts("digits", "test") is None
    assert not is_unbalanced("digits")


def test_what_guessing_gives_is_kept_when_own_images_are_deleted(tmp_path, cnn_home):
    name = import_unbalanced(tmp_path)
    counts = {split: class_counts(name, split).tolist() for split in ("train", "validation", "test")}
    assert np.sum(list(counts.values()), axis=0).tolist() == [10, 40]
    share = majority_share(name, "test")
    assert share > 0.7
    own_datasets.delete_images(name, WORKSPACE)
    assert {split: class_counts(name, split).tolist() for split in counts} == counts
    assert (majority_share(name, "test"), is_unbalanced(name)) == (share, True)


def test_a_set_imported_before_the_counts_were_kept(tmp_path, cnn_home):
    name = import_unbalanced(tmp_path)
    file = own_datasets.folder(name) / "info.json"
    share = majority_share(name, "test")
    info = json.loads(file.read_text())
    del info["class_counts"]
    file.write_text(json.dumps(info))
    assert majority_share(name, "test") == share
    own_datasets.delete_images(name, WORKSPACE)
    assert majority_share(name, "test") == 0.5


def test_only_unbalanced_sets_of_own_images_get_class_weights(digits, tmp_path):
    assert recipe(import_unbalanced(tmp_path / "a"), "tutorial").class_weights
    assert not recipe(import_unbalanced(tmp_path / "b", cups=12), "tutorial").class_weights
    assert not recipe("digits", "tutorial").class_weights
    assert not recipe(import_unbalanced(tmp_path / "c"), "tutorial", class_weights=False).class_weights


def test_weights_equal_scikit_learns():
    labels = np.random.default_rng(0).choice(4, 300, p=[0.6, 0.3, 0.08, 0.02])
    expected = compute_class_weight("balanced", classes=np.arange(4), y=labels)
    np.testing.assert_allclose(balanced_weights(labels, 4), expected)
    assert balanced_weights(labels, 4)[labels].mean() == pytest.approx(1)


def test_a_class_without_images_has_no_weight():
    # 4 images of 2 classes that occur: 4 / (2 * 3) and 4 / (2 * 1).
    np.testing.assert_allclose(balanced_weights(np.array([0, 2, 0, 0]), 3), [2 / 3, 0, 2])
