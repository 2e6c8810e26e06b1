"""Probabilities are short, and neither sure nor impossible unless they were."""

import numpy as np

from pages.components.probabilities import shorten_probabilities


def test_four_decimals_but_neither_0_nor_1_by_rounding() -> None:
    exact = np.array([[0.0, 1e-9, 0.00004], [0.123456, 0.99999, 1.0]])
    assert shorten_probabilities(exact) == [[0.0, 0.0001, 0.0001], [0.1235, 0.9999, 1.0]]


def test_a_network_that_has_diverged_says_nothing() -> None:
    assert shorten_probabilities(np.array([np.nan, np.nan])) == [0.0, 0.0]
