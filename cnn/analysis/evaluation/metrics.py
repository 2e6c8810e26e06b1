"""How good a network's answers are: what it takes for what, class by class, how sure it may be, which labels are odd.

Everything is worked out from its probabilities for the test images and the true labels.
"""

from typing import NamedTuple

import numpy as np


def confusion_counts(labels: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """How often each class is predicted as each.

    Args:
        labels: int (N,), the true classes.
        answers: int (N,), the predicted classes.

    Returns:
        int64 (classes, classes): row, the true class; column, the predicted one.
    """
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, answers, labels=np.arange(classes)).astype(np.int64)


def most_frequent_confusion(table: np.ndarray) -> tuple[int, int] | None:
    """(true class, what was said) of the most frequent confusion; None where there is none."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return None
    truth, said = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return int(truth), int(said)


class ClassScores(NamedTuple):
    """Of each class, float64 (classes,), 0..1; NaN where it was never there, or never said.

    Attributes:
        precision: of those it was said of, how many are of it.
        recall: of those that are of it, how many it was said of.
        f1: the harmonic mean of both.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def class_scores(labels: np.ndarray, answers: np.ndarray, classes: int) -> ClassScores:
    """Precision, recall and F1 of every class; see ``confusion_counts`` for the arguments."""
    from sklearn.metrics import precision_recall_fscore_support

    scores = precision_recall_fscore_support(labels, answers, labels=np.arange(classes), zero_division=np.nan)
    return ClassScores(*scores[:3])


def lowest_margin(probabilities: np.ndarray) -> np.ndarray:
    """Positions, int64 (N,), those first whose two best classes are closest."""
    best = np.sort(probabilities.astype(np.float64), axis=1)[:, -2:]
    return np.argsort(best[:, 1] - best[:, 0], kind="stable")


class Calibration(NamedTuple):
    """How often it is right when it is so sure.

    Attributes:
        sure: float64 (bins,), mean probability of its answers in each tenth of 0..1; NaN where there are none.
        right: float64 (bins,), how many of these answers are right, 0..1.
        counts: int64 (bins,), answers.
        error: expected calibration error, 0..1: the mean distance of the two, weighted by ``counts``.
    """

    sure: np.ndarray
    right: np.ndarray
    counts: np.ndarray
    error: float


def calibration(probabilities: np.ndarray, labels: np.ndarray, bins: int = 10) -> Calibration:
    """Sort the answers by how sure they are, and see how many of each tenth are right.

    Source: Guo, Pleiss, Sun & Weinberger (2017), arXiv:1706.04599.
    """
    sure = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    where = np.minimum((sure * bins).astype(np.int64), bins - 1)
    counts = np.bincount(where, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_sure = np.bincount(where, weights=sure, minlength=bins) / counts
        mean_right = np.bincount(where, weights=right, minlength=bins) / counts
    error = float(np.nansum(np.abs(mean_sure - mean_right) * counts) / len(labels))
    return Calibration(mean_sure, mean_right, counts, error)


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities made softer (above 1) or sharper (below 1); the order of the classes stays."""
    from scipy.special import softmax

    logits = np.log(np.clip(probabilities.astype(np.float64), 1e-7, 1)) / temperature
    return softmax(logits, axis=1)


def best_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, 0.2..5, with which these answers deserve their probabilities most (least cross-entropy).

    Fit it on held-out images that are not those it is then judged on.

    Source: Guo, Pleiss, Sun & Weinberger (2017), section 4.2.
    """

    def loss(logarithm: float) -> float:
        shares = tempered(probabilities, float(np.exp(logarithm)))
        return float(-np.log(np.clip(shares[np.arange(len(labels)), labels], 1e-12, 1)).mean())

    from scipy.optimize import minimize_scalar

    # The loss has one minimum in the inverse temperature.
    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.2, 5.0)), method="bounded").x))


def likely_label_errors(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Images whose label the network doubts with good reason: positions, int64, the least likely label first.

    An image is taken out when the network is at least as sure of another class as it is, on average, of that class's
    own images; the confident joint of confident learning.

    Source: Northcutt, Jiang & Chuang (2021), "Confident learning", arXiv:1911.00068, section 3.1.
    """
    shares = probabilities.astype(np.float64)
    classes = shares.shape[1]
    thresholds = np.array([shares[labels == k, k].mean() if (labels == k).any() else np.inf for k in range(classes)])
    confident = np.where(shares >= thresholds, shares, -1.0)
    said = confident.argmax(axis=1)
    doubted = np.flatnonzero((confident.max(axis=1) >= 0) & (said != labels))
    return doubted[np.argsort(shares[doubted, labels[doubted]], kind="stable")]
