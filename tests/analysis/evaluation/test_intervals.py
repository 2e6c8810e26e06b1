import pytest

from cnn.analysis.evaluation.intervals import in_words, wilson

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
    assert in_words(342, 360) == "95 % (with other test images: between 92 and 97 of 100)"
    assert in_words(6650, 10_000) == "66.5 % (with other test images: between 65.6 and 67.4 of 100)"
    assert in_words(10, 10) == "100 % (with other test images: between 72 and 100 of 100)"
