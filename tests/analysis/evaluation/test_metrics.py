"""Against numbers worked out by hand."""

import numpy as np
import pytest

from cnn.analysis.evaluation.metrics import (
    best_temperature,
    calibration,
    class_scores,
    confusion_counts,
    likely_label_errors,
    lowest_margin,
    most_frequent_confusion,
    tempered,
)


def answers(count: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.dirichlet(np.full(classes, 0.5), count), random.integers(0, classes, count)


def test_the_table_and_its_scores_by_hand():
    labels, said = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 1, 0, 1])
    assert confusion_counts(labels, said, 4).tolist() == [[1, 1, 0, 0], [0, 2, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    scores = class_scores(labels, said, 4)
    # Class 2 is never predicted, so it has no precision; class 3 is not there at all.
    np.testing.assert_allclose(scores.precision, [1 / 2, 2 / 4, np.nan, np.nan])
    np.testing.assert_allclose(scores.recall, [1 / 2, 1, 0, np.nan])
    np.testing.assert_allclose(scores.f1, [1 / 2, 2 / 3, 0, np.nan])


def test_the_largest_mistake_is_off_the_diagonal():
    assert most_frequent_confusion(np.array([[9, 2, 0], [1, 9, 3], [0, 0, 9]])) == (1, 2)
    assert most_frequent_confusion(np.diag([3, 4])) is None


def test_doubt_is_the_distance_of_the_two_best():
    assert lowest_margin(np.array([[0.9, 0.1, 0], [0.4, 0.35, 0.25], [0.1, 0.5, 0.4]])).tolist() == [1, 2, 0]


def test_calibration_by_hand():
    probabilities = np.array([[0.95, 0.05], [0.91, 0.09], [0.3, 0.7], [0.65, 0.35]])
    found = calibration(probabilities, np.array([0, 1, 1, 1]))
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 0, 2]
    assert (found.sure[9], found.right[9]) == (pytest.approx(0.93), 0.5)
    assert found.error == pytest.approx((2 * 0.43 + 0.3 + 0.65) / 4)
    assert np.isnan(found.sure[0])


def test_whoever_says_what_happens_is_calibrated():
    probabilities, _ = answers(40_000, 3, 1)
    random = np.random.default_rng(2)
    labels = (random.random(len(probabilities))[:, None] > probabilities.cumsum(axis=1)).sum(axis=1)
    assert calibration(probabilities, labels).error < 0.01
    sharper = tempered(probabilities, 0.5)
    assert calibration(sharper, labels).error > 0.08
    assert best_temperature(sharper, labels) == pytest.approx(2, rel=0.05)
    assert calibration(tempered(sharper, best_temperature(sharper, labels)), labels).error < 0.015


def test_the_best_temperature_by_hand():
    # Says 90 %, odds of 9 to 1, and is right three times of four, odds of 3 to 1: the square root, so divide by 2.
    probabilities = np.array([[0.9, 0.1]] * 4)
    assert best_temperature(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(2, rel=1e-4)
    np.testing.assert_allclose(tempered(probabilities, 2)[0], [0.75, 0.25])


def test_a_temperature_of_one_changes_nothing_and_no_order_changes():
    probabilities, _ = answers(50, 5, 0)
    np.testing.assert_allclose(tempered(probabilities, 1), probabilities, atol=1e-6)
    np.testing.assert_array_equal(tempered(probabilities, 3).argsort(axis=1), probabilities.argsort(axis=1))


def test_swapped_labels_are_found():
    random = np.random.default_rng(0)
    truth = random.integers(0, 4, 400)
    probabilities = 0.05 + 0.8 * np.eye(4)[truth] + random.uniform(0, 0.02, (400, 4))
    swapped = [3, 77, 300]
    probabilities[swapped] += np.eye(4)[truth[swapped]]  # the network is surer of these than it usually is
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = truth.copy()
    labels[swapped] = (labels[swapped] + 1) % 4
    assert sorted(likely_label_errors(probabilities, labels).tolist()) == swapped


def test_the_confident_joint_by_hand():
    # Thresholds: class 0 has 0.8 on average of its images, class 1 has 0.6 of its.
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.6, 0.4], [0.45, 0.55], [0.85, 0.15]])
    labels = np.array([0, 0, 1, 1, 1, 1])
    thresholds = [0.8, np.mean([0.8, 0.4, 0.55, 0.15])]
    assert thresholds[1] == pytest.approx(0.475)
    assert likely_label_errors(probabilities, labels).tolist() == [5]
