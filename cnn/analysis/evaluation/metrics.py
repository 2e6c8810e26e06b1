"""Evaluation metrics: confusions, precision and recall, calibration, and likely label errors.

All are computed from predicted probabilities and true labels.
"""

from typing import NamedTuple

import numpy as np

BINS = 10  # of confidence


def confusion_counts(labels: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """The confusion matrix.

    Args:
        labels: int (N,), the true classes.
        answers: int (N,), the predicted classes.

    Returns:
        int64 (classes, classes): row, the true class; column, the predicted one.
    """
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, answers, labels=np.arange(classes)).astype(np.int64)


def most_frequent_confusion(table: np.ndarray) -> tuple[int, int] | None:
    """(true class, predicted class) of the most frequent confusion; None if there is none."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return None
    true_class, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return int(true_class), int(predicted)


class ClassScores(NamedTuple):
    """Scores of each class, float64 (classes,), 0..1; NaN where the class does not occur or is never predicted.

    Attributes:
        precision: fraction of its predictions that are correct.
        recall: fraction of its images that are predicted correctly.
        f1: harmonic mean of both.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def class_scores(labels: np.ndarray, answers: np.ndarray, classes: int) -> ClassScores:
    """Precision, recall and F1 of every class; see ``confusion_counts`` for the arguments."""
    from sklearn.metrics import precision_recall_fscore_support

    scores = precision_recall_fscore_support(labels, answers, labels=np.arange(classes), zero_division=np.nan)
    return ClassScores(*scores[:3])


def balanced_accuracy(labels: np.ndarray, answers: np.ndarray, classes: int) -> float:
    """The mean recall of the classes that occur, 0..1: accuracy if every class had as many images.

    Always naming one class gives 1 / classes, however frequent it is. See ``confusion_counts`` for the arguments.

    Source: Brodersen, Ong, Stephan & Buhmann (2010), "The balanced accuracy and its posterior distribution".
    """
    table = confusion_counts(labels, answers, classes)
    images = table.sum(axis=1)
    return float((np.diag(table)[images > 0] / images[images > 0]).mean())


def lowest_margin(probabilities: np.ndarray) -> np.ndarray:
    """Positions, int64 (N,), ordered by the margin between the two highest probabilities, lowest first."""
    best = np.sort(probabilities.astype(np.float64), axis=1)[:, -2:]
    return np.argsort(best[:, 1] - best[:, 0], kind="stable")


class Calibration(NamedTuple):
    """Accuracy by confidence, in equal bins of confidence from 0 to 1.

    Attributes:
        confidence: float64 (bins,), 0..1, mean probability of the predicted class; NaN in empty bins.
        accuracy: float64 (bins,), 0..1, fraction of correct predictions; NaN in empty bins.
        counts: int64 (bins,), number of predictions.
        error: expected calibration error, 0..1: the mean distance of the two, weighted by ``counts``.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    error: float


def calibration(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Calibration:
    """Compare the confidence of predictions with their accuracy.

    Source: Guo, Pleiss, Sun & Weinberger (2017), arXiv:1706.04599.
    """
    confidences = probabilities.max(axis=1).astype(np.float64)
    return _calibration(confidences, probabilities.argmax(axis=1) == labels, bins)


def calibration_error_floor(probabilities: np.ndarray, draws: int = 500, seed: int = 0) -> tuple[float, float]:
    """The calibration error, (low, high), that chance alone gives so many images: nine of ten draws lie between.

    Labels are drawn with exactly these probabilities, so that the network is perfectly calibrated, and the error is
    computed. Few images in a bin are never right exactly as often as expected, so it is not 0.

    Args:
        probabilities: float (N, classes).
        draws: how often all labels are drawn.
        seed: of the draws.

    Returns:
        Their 5th and 95th percentiles, 0..1.

    Source: Bröcker & Smith (2007), "Increasing the reliability of reliability diagrams"; Vaicenavicius et al. (2019),
    arXiv:1902.06977, section 4 (consistency resampling).
    """
    random = np.random.default_rng(seed)
    confidences = probabilities.max(axis=1).astype(np.float64)
    # A label is the predicted class with the probability of that class; which other class it is makes no difference.
    drawn = (random.random(len(confidences)) < confidences for _ in range(draws))
    errors = [_calibration(confidences, correct, BINS).error for correct in drawn]
    low, high = np.percentile(errors, [5, 95])
    return float(low), float(high)


def _calibration(confidences: np.ndarray, correct: np.ndarray, bins: int) -> Calibration:
    bin_indices = np.minimum((confidences * bins).astype(np.int64), bins - 1)
    counts = np.bincount(bin_indices, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(bin_indices, weights=confidences, minlength=bins) / counts
        accuracy = np.bincount(bin_indices, weights=correct, minlength=bins) / counts
    error = float(np.nansum(np.abs(confidence - accuracy) * counts) / len(confidences))
    return Calibration(confidence, accuracy, counts, error)


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Make probabilities softer (temperature above 1) or sharper (below 1); the order of the classes is kept."""
    from scipy.special import softmax

    logits = np.log(np.clip(probabilities.astype(np.float64), 1e-7, 1)) / temperature
    return softmax(logits, axis=1)


def best_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, 0.2..5, that minimises the cross-entropy of these predictions.

    Fit it on other images than those it is evaluated on.

    Source: Guo, Pleiss, Sun & Weinberger (2017), section 4.2.
    """

    def loss(logarithm: float) -> float:
        scaled = apply_temperature(probabilities, float(np.exp(logarithm)))
        return float(-np.log(np.clip(scaled[np.arange(len(labels)), labels], 1e-12, 1)).mean())

    from scipy.optimize import minimize_scalar

    # The loss is convex in the inverse temperature, so it has one minimum.
    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.2, 5.0)), method="bounded").x))


def scale_crosswise(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Apply to each half of the images, every other one, the temperature that fits the other half.

    Args:
        probabilities: float (N, classes), N at least 2.
        labels: int (N,).

    Returns:
        float64 (N, classes): what ``apply_temperature`` gives, with no image scaled by a number fitted to itself.
    """
    scaled = np.empty(probabilities.shape)
    for half, other in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
        scaled[half] = apply_temperature(probabilities[half], best_temperature(probabilities[other], labels[other]))
    return scaled


def likely_label_errors(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Positions, int64, of images whose label is probably wrong, the least probable label first.

    An image is included if the probability of another class is at least as high as that class's mean probability on its
    own images: the off-diagonal of the confident joint in confident learning.

    Source: Northcutt, Jiang & Chuang (2021), "Confident learning", arXiv:1911.00068, section 3.1.
    """
    p = probabilities.astype(np.float64)
    classes = p.shape[1]
    thresholds = np.array([p[labels == k, k].mean() if (labels == k).any() else np.inf for k in range(classes)])
    confident = np.where(p >= thresholds, p, -1.0)
    predicted = confident.argmax(axis=1)
    errors = np.flatnonzero((confident.max(axis=1) >= 0) & (predicted != labels))
    return errors[np.argsort(p[errors, labels[errors]], kind="stable")]
