import numpy as np
import pytest

from cnn.analysis.evaluation.intervals import CAPTION, in_words, wilson

Z2 = 1.959963985**2  # the square of the normal distribution's 97.5 % quantile


@pytest.mark.parametrize(
    ("correct", "count", "low", "high"),
    [
        # Where all or none are correct, Wilson's formula simplifies to these.
        (0, 1, 0.0, Z2 / (1 + Z2)),
        (1, 1, 1 / (1 + Z2), 1.0),
        (360, 360, 360 / (360 + Z2), 1.0),
        # (p + z2/2n +- z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n), with a pocket calculator.
        (5, 10, 0.236593, 0.763407),
        (344, 360, 0.929031, 0.972460),
    ],
)
def test_wilson_interval_by_hand(correct, count, low, high):
    assert wilson(correct, count) == pytest.approx((low, high), abs=2e-6)


@pytest.mark.parametrize(("correct", "count"), [(-1, 10), (11, 10), (0, 0)])
def test_invalid_proportions_are_refused(correct, count):
    with pytest.raises(ValueError, match="is not a proportion"):
        wilson(correct, count)


def test_a_wide_interval_has_whole_numbers_and_a_narrow_one_has_a_decimal():
    assert in_words(342, 360) == "95 % (in the long run probably 92 to 97 %)"
    assert in_words(6650, 10_000) == "66.5 % (in the long run probably 65.6 to 67.4 %)"
    assert in_words(10, 10) == "100 % (in the long run probably 72 to 100 %)"


@pytest.mark.parametrize(("accuracy", "count"), [(0.66, 1000), (0.9, 360), (0.95, 2000)])
def test_the_interval_holds_the_true_accuracy_in_95_of_100_tests_but_not_the_next_test(accuracy, count):
    """What the words say, simulated: an accuracy known to us, and two tests of ``count`` images each."""
    random = np.random.default_rng(0)
    first, second = random.binomial(count, accuracy, (2, 4000))
    ends = {correct: wilson(correct, count) for correct in np.unique(first).tolist()}
    low, high = np.array([ends[correct] for correct in first.tolist()]).T
    holds_truth = ((low <= accuracy) & (accuracy <= high)).mean()
    holds_next = ((low <= second / count) & (second / count <= high)).mean()
    assert holds_truth == pytest.approx(0.95, abs=0.015)
    assert 0.79 < holds_next < 0.87
    assert "true accuracy" in CAPTION and "nineteen cases out of twenty" in CAPTION
    assert "other" not in CAPTION
