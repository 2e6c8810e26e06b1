"""Two networks on the same images: where they differ, and whether one is better or was only lucky."""

from typing import NamedTuple

import numpy as np


class Comparison(NamedTuple):
    """Positions of images, int64, ascending. The first four groups hold every image once.

    Attributes:
        both_right: both give the true class.
        only_first: the first does, the second does not.
        only_second: the second does, the first does not.
        both_wrong: neither does.
        wrong_differently: those of ``both_wrong`` to which the two say different classes.
    """

    both_right: np.ndarray
    only_first: np.ndarray
    only_second: np.ndarray
    both_wrong: np.ndarray
    wrong_differently: np.ndarray


def compare_answers(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> Comparison:
    """Sort images by which of two networks is right.

    Args:
        first: int (N,), the classes that the first network says.
        second: int (N,), the classes that the second says to the same images.
        labels: int (N,), the true classes.

    Raises:
        ValueError: the three are not of one length.
    """
    if not first.shape == second.shape == labels.shape:
        raise ValueError(f"{len(first)} and {len(second)} answers do not fit {len(labels)} labels")
    one, two = first == labels, second == labels
    groups = (one & two, one & ~two, ~one & two, ~one & ~two, ~one & ~two & (first != second))
    return Comparison(*(np.flatnonzero(group) for group in groups))


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """How often two equally good networks differ at least so lopsidedly: McNemar's exact test, p in 0..1.

    Images that both get right, or both wrong, say nothing about which is better. If the two are equally good, each of
    the others is a coin toss, so the p-value is that of a two-sided binomial test. It speaks of these two networks, not
    of what their recipes would give if they were trained once more.

    Args:
        only_first: how many images only the first gets right.
        only_second: how many only the second gets right.

    Source: McNemar (1947), Psychometrika 12; Dietterich (1998), Neural Computation 10, section 3.1.
    """
    from scipy.stats import binomtest

    differing = only_first + only_second
    return float(binomtest(only_first, differing).pvalue) if differing else 1.0


def most_changed_confusions(first: np.ndarray, second: np.ndarray, count: int) -> list[tuple[int, int]]:
    """The confusions of which one network has most more than the other, at most ``count``, the largest change first.

    Args:
        first: int (classes, classes), the first network's confusion matrix: row, the true class; column, what was said.
        second: the second network's.

    Returns:
        (true class, what was said) of cells off the diagonal in which the two differ.
    """
    change = np.abs(second - first)
    np.fill_diagonal(change, 0)
    order = np.argsort(-change, axis=None, kind="stable")[:count]
    cells = (np.unravel_index(int(place), change.shape) for place in order if change.flat[place])
    return [(int(truth), int(said)) for truth, said in cells]
