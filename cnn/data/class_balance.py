"""How many images a data set has of each class: what guessing gives, and weights that make the classes count the same.

Guessing means always naming the most frequent class: without looking, nothing is right more often.
"""

from functools import lru_cache

import numpy as np

from cnn.data import catalog
from cnn.data.own import own_datasets

UNBALANCED = 2.0  # times as many images of the most frequent class as of the rarest


def class_counts(name: str, split: str) -> np.ndarray | None:
    """Number of images of each class in a split, int64 (classes,); None if the set is not on this machine.

    Args:
        name: of the data set.
        split: "train", "validation" or "test".
    """
    if catalog.is_prepared(name):
        return _count(str(catalog.folder(name)), name, split)
    kept = own_datasets.class_counts(name, split) if own_datasets.is_own(name) else None
    return None if kept is None else np.array(kept, np.int64)


def majority_share(name: str, split: str) -> float:
    """The accuracy of guessing on a split, 0..1: the share of its most frequent class.

    If the images are not on this machine, it is that of equally frequent classes.
    """
    counts = class_counts(name, split)
    if counts is None or not counts.sum():
        return 1 / len(catalog.info(name).class_names)
    return float(counts.max() / counts.sum())


def is_unbalanced(name: str) -> bool:
    """Whether the training images have over twice as many of one class as of another; False if not prepared."""
    counts = class_counts(name, "train")
    return counts is not None and bool(counts.max() > UNBALANCED * counts.min())


def balanced_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """A weight for each class, float64 (classes,), with which all classes count the same and the mean over images is 1.

    A class without images gets 0.

    Args:
        labels: int (N,).

    Source: King & Zeng (2001), "Logistic regression in rare events data"; scikit-learn's ``class_weight="balanced"``.
    """
    counts = np.bincount(labels, minlength=classes)
    return np.divide(len(labels) / np.count_nonzero(counts), counts, out=np.zeros(classes), where=counts > 0)


@lru_cache(maxsize=64)
def _count(folder: str, name: str, split: str) -> np.ndarray:
    counts = np.bincount(catalog.load(name, split).labels, minlength=len(catalog.info(name).class_names))
    counts.flags.writeable = False
    return counts
