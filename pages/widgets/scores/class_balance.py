"""What must be said where a data set has many more images of one class than of another."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from cnn.analysis.evaluation.metrics import balanced_accuracy
from cnn.data import catalog
from cnn.data.class_balance import class_counts, is_unbalanced
from cnn.errors import DamagedFileError
from cnn.stored_files import read_array
from pages.shell.page_layout import prose
from pages.shell.text import literal, percent


def show_imbalance(dataset: str, *, class_weights: bool, key: str) -> None:
    """Say, before a training, that the classes are unbalanced, and what is done about it; nothing if they are not.

    Args:
        class_weights: whether the training will use them.
        key: of the sentence.
    """
    counts = class_counts(dataset, "train")
    if counts is None or not is_unbalanced(dataset):
        return
    names = [literal(name) for name in catalog.info(dataset).class_names]
    most, least = int(counts.argmax()), int(counts.argmin())
    consequence = (
        "So that the rare class is not ignored, every class counts the same in the loss · class weights."
        if class_weights
        else f"Without class weights (a switch in Lab) it may learn to name “{names[most]}” always."
    )
    prose(
        f"**Unbalanced**: {counts[most]:,} training images of “{names[most]}”, {counts[least]:,} of “{names[least]}”. "
        f"{consequence}",
        key=key,
    )


def show_balanced_accuracy(dataset: str, labels: np.ndarray, predicted: np.ndarray, *, key: str) -> None:
    """Show balanced accuracy beside what always naming one class gives; nothing if the classes are balanced.

    Args:
        labels: int (N,), of the test images.
        predicted: int (N,), the classes that a network names.
        key: of the sentence.
    """
    if not is_unbalanced(dataset):
        return
    names = [literal(name) for name in catalog.info(dataset).class_names]
    counts = np.bincount(labels, minlength=len(names))
    balanced = balanced_accuracy(labels, predicted, len(names))
    prose(
        f"**{percent(balanced)}** · balanced accuracy: the mean over the classes of how many of each are right. Always "
        f"naming “{names[int(counts.argmax())]}” is right on {percent(float(counts.max() / counts.sum()))} of the "
        f"images, but has a balanced accuracy of {percent(1 / int((counts > 0).sum()))}.",
        key=key,
    )


def show_balanced_answers(folder: Path, dataset: str, split: str, *, key: str) -> None:
    """``show_balanced_accuracy`` for a finished run, from its answers to a split in its ``folder`` if they are there.

    Args:
        split: "validation" or "test".
    """
    file = folder / f"{split}_probabilities.npy"
    if not (is_unbalanced(dataset) and catalog.is_prepared(dataset)):
        return
    labels, classes = catalog.load(dataset, split).labels, len(catalog.info(dataset).class_names)
    with suppress(DamagedFileError):  # as if there were no answers
        predicted = read_array(file, (len(labels), classes), 0, 1).argmax(axis=1)
        show_balanced_accuracy(dataset, labels, predicted, key=key)
