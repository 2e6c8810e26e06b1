import pytest
from scipy.stats import binomtest

from cnn.analysis.evaluation.intervals import in_words, wilson


@pytest.mark.parametrize(("correct", "count"), [(0, 1), (1, 1), (0, 360), (344, 360), (360, 360), (6650, 10_000)])
def test_it_is_the_interval_scipy_gives(correct, count):
    expected = binomtest(correct, count).proportion_ci(0.95, method="wilson")
    assert wilson(correct, count) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(("correct", "count"), [(-1, 10), (11, 10), (0, 0)])
def test_what_is_no_share_is_refused(correct, count):
    with pytest.raises(ValueError, match="not a share"):
        wilson(correct, count)


def test_a_wide_interval_is_said_in_whole_numbers_and_a_narrow_one_with_a_decimal():
    assert in_words(342, 360) == "95 % (with other test images: between 92 and 97 of 100)"
    assert in_words(6650, 10_000) == "66.5 % (with other test images: between 65.6 and 67.4 of 100)"
    assert in_words(10, 10) == "100 % (with other test images: between 72 and 100 of 100)"
