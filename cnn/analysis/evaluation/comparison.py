"""Comparison of two networks on the same images: where they differ, and whether the difference is significant."""

from typing import NamedTuple

import numpy as np


class Comparison(NamedTuple):
    """Positions of images, int64, ascending; each image is in exactly one of the first four groups.

    Attributes:
        both_correct: both networks predict the true class.
        only_first: only the first does.
        only_second: only the second does.
        both_wrong: neither does.
        wrong_differently: those of ``both_wrong`` for which the two predict different classes.
    """

    both_correct: np.ndarray
    only_first: np.ndarray
    only_second: np.ndarray
    both_wrong: np.ndarray
    wrong_differently: np.ndarray


def compare_answers(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> Comparison:
    """Group images by which of two networks is correct.

    Args:
        first: int (N,), the classes that the first network predicts.
        second: int (N,), the classes that the second predicts for the same images.
        labels: int (N,), the true classes.

    Raises:
        ValueError: the lengths differ.
    """
    if not first.shape == second.shape == labels.shape:
        raise ValueError(f"{len(first)} and {len(second)} answers do not fit {len(labels)} labels")
    first_correct, second_correct = first == labels, second == labels
    both_wrong = ~first_correct & ~second_correct
    groups = (
        first_correct & second_correct,
        first_correct & ~second_correct,
        ~first_correct & second_correct,
        both_wrong,
        both_wrong & (first != second),
    )
    return Comparison(*(np.flatnonzero(group) for group in groups))


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """The p-value, 0..1, of McNemar's exact test that two networks are equally good.

    Images that both networks classify correctly, or both wrongly, carry no information on which is better. If they are
    equally good, each of the other images is a coin toss, so the p-value is that of a two-sided binomial test. It
    compares these two trained networks, not their recipes, whose results vary between training runs.

    Args:
        only_first: number of images that only the first classifies correctly.
        only_second: number of images that only the second classifies correctly.

    Source: McNemar (1947), Psychometrika 12; Dietterich (1998), Neural Computation 10, section 3.1.
    """
    from scipy.stats import binomtest

    differing = only_first + only_second
    return float(binomtest(only_first, differing).pvalue) if differing else 1.0


def most_changed_confusions(first: np.ndarray, second: np.ndarray, count: int) -> list[tuple[int, int]]:
    """The confusions whose counts differ most between two networks, at most ``count``, the largest change first.

    Args:
        first: int (classes, classes), the first network's confusion matrix: row, true class; column, predicted class.
        second: the second network's.

    Returns:
        (true class, predicted class) of off-diagonal cells in which the two differ.
    """
    change = np.abs(second - first)
    np.fill_diagonal(change, 0)
    order = np.argsort(-change, axis=None, kind="stable")[:count]
    cells = (np.unravel_index(int(index), change.shape) for index in order if change.flat[index])
    return [(int(true_class), int(predicted)) for true_class, predicted in cells]
