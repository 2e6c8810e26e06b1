"""Metrics against values computed by hand."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from cnn.analysis.evaluation.metrics import (
    apply_temperature,
    balanced_accuracy,
    best_temperature,
    calibration,
    calibration_error_floor,
    class_scores,
    confusion_counts,
    likely_label_errors,
    lowest_margin,
    most_frequent_confusion,
    scale_crosswise,
)


def random_predictions(count: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.dirichlet(np.full(classes, 0.5), count), random.integers(0, classes, count)


def test_confusion_counts_and_class_scores_by_hand():
    labels, predicted = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 1, 0, 1])
    assert confusion_counts(labels, predicted, 4).tolist() == [[1, 1, 0, 0], [0, 2, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    scores = class_scores(labels, predicted, 4)
    # Class 2 is never predicted, so it has no precision; class 3 does not occur at all.
    np.testing.assert_allclose(scores.precision, [1 / 2, 2 / 4, np.nan, np.nan])
    np.testing.assert_allclose(scores.recall, [1 / 2, 1, 0, np.nan])
    np.testing.assert_allclose(scores.f1, [1 / 2, 2 / 3, 0, np.nan])


def test_the_most_frequent_confusion_is_off_the_diagonal():
    assert most_frequent_confusion(np.array([[9, 2, 0], [1, 9, 3], [0, 0, 9]])) == (1, 2)
    assert most_frequent_confusion(np.diag([3, 4])) is None


def test_the_margin_is_the_difference_of_the_two_highest_probabilities():
    assert lowest_margin(np.array([[0.9, 0.1, 0], [0.4, 0.35, 0.25], [0.1, 0.5, 0.4]])).tolist() == [1, 2, 0]


def test_calibration_by_hand():
    probabilities = np.array([[0.95, 0.05], [0.91, 0.09], [0.3, 0.7], [0.65, 0.35]])
    result = calibration(probabilities, np.array([0, 1, 1, 1]))
    assert result.counts.tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 0, 2]
    assert (result.confidence[9], result.accuracy[9]) == (pytest.approx(0.93), 0.5)
    assert result.error == pytest.approx((2 * 0.43 + 0.3 + 0.65) / 4)
    assert np.isnan(result.confidence[0])


def test_true_probabilities_are_calibrated():
    probabilities, _ = random_predictions(40_000, 3, 1)
    random = np.random.default_rng(2)
    labels = (random.random(len(probabilities))[:, None] > probabilities.cumsum(axis=1)).sum(axis=1)
    assert calibration(probabilities, labels).error < 0.01
    sharper = apply_temperature(probabilities, 0.5)
    assert calibration(sharper, labels).error > 0.08
    assert best_temperature(sharper, labels) == pytest.approx(2, rel=0.05)
    assert calibration(apply_temperature(sharper, best_temperature(sharper, labels)), labels).error < 0.015


def test_the_best_temperature_by_hand():
    # Confidence is 90 %, odds of 9 to 1; accuracy is 75 %, odds of 3 to 1: the square root, so the temperature is 2.
    probabilities = np.array([[0.9, 0.1]] * 4)
    assert best_temperature(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(2, rel=1e-4)
    np.testing.assert_allclose(apply_temperature(probabilities, 2)[0], [0.75, 0.25])


def test_crosswise_scaling_gives_each_half_the_temperature_of_the_other():
    # Even images: confidence 90 %, accuracy 75 %, so their temperature is 2. Odd images: both are 80 %, so it is 1.
    probabilities = np.tile([[0.9, 0.1], [0.8, 0.2]], (20, 1))
    labels = np.zeros(40, int)
    labels[[6, 14, 22, 30, 38]] = 1  # 5 of 20 even ones
    labels[[9, 19, 29, 39]] = 1  # 4 of 20 odd ones
    scaled = scale_crosswise(probabilities, labels)
    np.testing.assert_allclose(scaled[::2], probabilities[::2], atol=1e-4)
    np.testing.assert_allclose(scaled[1::2], np.tile([[2 / 3, 1 / 3]], (20, 1)), atol=1e-4)  # odds of 4 to 1: 2 to 1


def test_temperature_one_is_the_identity_and_the_order_is_kept():
    probabilities, _ = random_predictions(50, 5, 0)
    np.testing.assert_allclose(apply_temperature(probabilities, 1), probabilities, atol=1e-6)
    np.testing.assert_array_equal(apply_temperature(probabilities, 3).argsort(axis=1), probabilities.argsort(axis=1))


def test_swapped_labels_are_found():
    random = np.random.default_rng(0)
    true_labels = random.integers(0, 4, 400)
    probabilities = 0.05 + 0.8 * np.eye(4)[true_labels] + random.uniform(0, 0.02, (400, 4))
    swapped = [3, 77, 300]
    probabilities[swapped] += np.eye(4)[true_labels[swapped]]  # higher confidence than on average
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = true_labels.copy()
    labels[swapped] = (labels[swapped] + 1) % 4
    assert sorted(likely_label_errors(probabilities, labels).tolist()) == swapped


def test_the_confident_joint_by_hand():
    # The thresholds are the mean probability of class 0 on its images and of class 1 on its images.
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.6, 0.4], [0.45, 0.55], [0.85, 0.15]])
    labels = np.array([0, 0, 1, 1, 1, 1])
    thresholds = [0.8, np.mean([0.8, 0.4, 0.55, 0.15])]
    assert thresholds[1] == pytest.approx(0.475)
    assert likely_label_errors(probabilities, labels).tolist() == [5]


def test_balanced_accuracy_equals_scikit_learns():
    random = np.random.default_rng(0)
    labels = random.choice(3, 500, p=[0.9, 0.07, 0.03])
    predicted = np.where(random.random(500) < 0.7, labels, random.integers(0, 3, 500))
    assert balanced_accuracy(labels, predicted, 3) == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert balanced_accuracy(labels, np.zeros(500, int), 3) == pytest.approx(1 / 3)
    # Class 3 has no images, so it does not count.
    assert balanced_accuracy(labels, predicted, 4) == pytest.approx(balanced_accuracy_score(labels, predicted))


def expected_calibration_error(probabilities, labels):
    """By a loop over ten bins, as in Guo et al. (2017), equation 3."""
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    error = 0.0
    for low in np.arange(10) / 10:
        inside = (confidence >= low) & (confidence < low + 0.1 + (1e-9 if low == 0.9 else 0))
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - correct[inside].mean())
    return error


@pytest.mark.parametrize(("count", "classes"), [(360, 10), (2000, 3)])
def test_the_floor_of_the_calibration_error_against_an_independent_simulation(count, classes):
    """Whole labels are drawn from each image's probabilities, class by class, with other random numbers."""
    probabilities = np.random.default_rng(1).dirichlet(np.full(classes, 0.2), count)
    random = np.random.default_rng(99)
    errors = []
    for _ in range(2000):
        labels = (random.random(count)[:, None] > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1)
        errors.append(expected_calibration_error(probabilities, labels))
    low, high = calibration_error_floor(probabilities)
    assert (low, high) == pytest.approx(np.percentile(errors, [5, 95]), rel=0.05)
    assert calibration_error_floor(probabilities) == (low, high)


def test_more_images_lower_the_floor_of_the_calibration_error():
    probabilities = np.random.default_rng(1).dirichlet(np.full(10, 0.2), 360)
    few, many = calibration_error_floor(probabilities), calibration_error_floor(np.tile(probabilities, (100, 1)), 50)
    # The standard deviation of a mean falls with the root of the number of images.
    assert np.array(few) / np.array(many) == pytest.approx([10, 10], rel=0.2)
