"""Where a heatmap is brightest and darkest, and the squares that hide it."""

import numpy as np

from cnn.analysis.attribution.hidden_squares import brightest_and_darkest, heat_of_pixels, hide_square


def test_pixels_have_the_heat_of_their_cell_and_none_outside_all_cells() -> None:
    heat = np.array([[1.0, 2.0], [3.0, 4.0]])
    borders = np.array([0.25, 0.5, 0.75]), np.array([0.0, 0.5, 1.0])
    expected = [[0, 0, 0, 0], [1, 1, 2, 2], [3, 3, 4, 4], [0, 0, 0, 0]]
    np.testing.assert_array_equal(heat_of_pixels(heat, borders, 4, 4), expected)


def test_the_brightest_and_the_darkest_square_lie_within_the_image() -> None:
    heat = np.ones((5, 7))
    heat[3:, 5:] = 9
    heat[0:2, 1:3] = -1
    assert brightest_and_darkest(heat, 2) == ((3, 5), (0, 1))


def test_a_square_is_grey_and_the_rest_as_it_was() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    hidden = hide_square(image, (1, 2), 2)
    assert np.argwhere(hidden[..., 0] == 128).tolist() == [[1, 2], [1, 3], [2, 2], [2, 3]]
    assert not image.any()
    assert int(np.count_nonzero(hidden)) == 12
