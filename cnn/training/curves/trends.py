"""Trends in a run's curves, told from the noise that is always on them.

Curves are lists with one number per epoch. Losses are compared by their logarithms, because their noise is about
proportional to them.
"""

import math
from collections.abc import Sequence

import numpy as np

SIGNIFICANCE = 0.1
GUESSING_SIGNIFICANCE = 0.01
SMALL_CHANGE = 0.02  # of a loss: too little to speak of
MIN_NOISE, ASSUMED_NOISE = 0.02, 0.05  # standard deviation of a loss, relative to it
FEW_EPOCHS = 8  # fewer show too little of their noise, so it is assumed


def window(epochs: int) -> int:
    """How many epochs to average, of a run of so many: a quarter of them, and two at least where there are four."""
    return max(2, epochs // 4) if epochs >= 4 else 1


def last_mean(values: Sequence[float]) -> float:
    """The mean over the last ``window`` epochs."""
    return float(np.mean(values[-window(len(values)) :]))


def noise(losses: Sequence[float]) -> float:
    """Standard deviation of a loss around its trend, relative to it.

    Second differences of the logarithms take out any smooth trend. Their standard deviation is √6 times that of the
    noise; it is estimated by the median of their sizes, which a spike does not change.

    Source: Gasser, Sroka & Jennen-Steinmetz (1986), "Residual variance and residual pattern in nonlinear regression".
    """
    if len(losses) < FEW_EPOCHS:
        return ASSUMED_NOISE
    differences = np.abs(np.diff(_logarithms(losses), 2))
    return max(MIN_NOISE, float(np.median(differences)) / (0.6745 * math.sqrt(6)))


def has_risen(losses: Sequence[float]) -> bool:
    """Whether the last epochs lie above the lowest ones before by more than noise explains, and by 5 % at least.

    The mean of the last ``window`` epochs is compared with that of every window before. The lowest of many is low by
    luck as well, so the significance level is divided by their number (Bonferroni). A spike at the end is left out.
    """
    if _ends_in_a_spike(losses):
        losses = losses[:-1]
    if len(losses) < 3:
        return False
    size, means = window(len(losses)), _window_means(losses)
    rises = means[-1] - means[:-1]
    # Windows that overlap share epochs, whose noise cancels.
    apart = np.minimum(size, np.arange(len(rises), 0, -1))
    deviations = noise(losses) * np.sqrt(2 * apart) / size
    from scipy.stats import norm

    threshold = float(norm.isf(SIGNIFICANCE / len(rises)))
    return bool(np.any((rises > threshold * deviations) & (rises > math.log(1.05))))


def lowest_epoch(losses: Sequence[float]) -> int:
    """The epoch (0-based) with the lowest loss of the ``window`` whose mean is lowest, before the last window."""
    start, size = int(_window_means(losses)[:-1].argmin()), window(len(losses))
    return start + int(np.argmin(losses[start : start + size]))


def has_fallen(losses: Sequence[float], since: int) -> bool:
    """Whether the last epochs lie more than 2 % below those around epoch ``since`` (0-based)."""
    size = window(len(losses))
    start = max(0, since - size // 2)
    logarithms = _logarithms(losses)
    return bool(logarithms[-size:].mean() < logarithms[start : start + size].mean() - SMALL_CHANGE)


def is_falling(losses: Sequence[float]) -> bool:
    """Whether a loss was still falling at the end of the run.

    It was if the last epoch is more than 2 % below all before, or, where there are enough epochs, if the last
    ``window`` lies below the one before by more than 2 % and than noise explains.
    """
    if len(losses) < 2:
        return False
    if losses[-1] < (1 - SMALL_CHANGE) * min(losses[:-1]):
        return True
    if len(losses) < FEW_EPOCHS:
        return False
    size, logarithms = window(len(losses)), _logarithms(losses)
    fall = float(logarithms[-2 * size : -size].mean() - logarithms[-size:].mean())
    return fall > max(SMALL_CHANGE, 1.645 * noise(losses) * math.sqrt(2 / size))


def has_jumped(losses: Sequence[float]) -> bool:
    """Whether a loss is over twice what it was an epoch before, and over three times its lowest."""
    return len(losses) >= 2 and losses[-1] > 2 * losses[-2] and losses[-1] > 3 * min(losses[:-1])


def accuracy_change(accuracies: Sequence[float], since: int, images: int) -> float:
    """How far the accuracy of the last epochs is from what it was in epoch ``since`` (0-based); 0 if it may be chance.

    Args:
        accuracies: after each epoch, 0..1.
        images: how many they were measured on. A change counts from a standard deviation of an accuracy on so many
            images, and from one percentage point, both against that epoch and against the epochs around it.
    """
    size = window(len(accuracies))
    start = max(0, min(since - size // 2, len(accuracies) - 2 * size))
    now, around = last_mean(accuracies), float(np.mean(accuracies[start : start + size]))
    change = min(now - accuracies[since], now - around, key=abs)
    return change if abs(change) > max(0.01, _deviation(accuracies[-1], images)) else 0.0


def beats_guessing(accuracy: float, images: int, guessing: float) -> bool:
    """Whether an accuracy is better than always naming the most frequent class, by a one-sided exact binomial test.

    Args:
        accuracy: 0..1, on ``images`` images.
        guessing: the share of the most frequent class among them, 0..1.
    """
    from scipy.stats import binomtest

    correct = round(accuracy * images)
    return bool(binomtest(correct, images, guessing, alternative="greater").pvalue < GUESSING_SIGNIFICANCE)


def exceeds(accuracy: float, other: float, images: int) -> bool:
    """Whether an accuracy on ``images`` images is above another by 5 percentage points and 2 standard deviations."""
    return accuracy - other > max(0.05, 2 * _deviation(accuracy, images))


def _ends_in_a_spike(losses: Sequence[float]) -> bool:
    """Whether the last loss is over half as high again as the one before."""
    return len(losses) >= 4 and losses[-1] > 1.5 * losses[-2]


def _window_means(losses: Sequence[float]) -> np.ndarray:
    """Mean logarithm of the loss over each ``window``, by its first epoch."""
    size = window(len(losses))
    return np.convolve(_logarithms(losses), np.ones(size) / size, "valid")


def _deviation(accuracy: float, images: int) -> float:
    return math.sqrt(max(accuracy * (1 - accuracy), 1 / images) / images)


def _logarithms(losses: Sequence[float]) -> np.ndarray:
    return np.log(np.maximum(np.asarray(losses, np.float64), 1e-12))
