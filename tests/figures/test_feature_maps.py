"""The colours of feature maps: zero is dark, or white where numbers lie on both sides of it."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from cnn.figures.feature_maps import feature_map_images, is_signed, limits, overview, signed_weight_images, weight_grid

DARK, YELLOW = (tuple(mpl.colormaps["viridis"](end, bytes=True)[:3]) for end in (0, 255))
WHITE, PURPLE, GREEN = (255, 255, 255), (118, 42, 131), (27, 120, 55)
POSITIVE = np.array([[[0.0, 1.0]], [[2.0, 4.0]]])  # two maps of 2 x 1: 0 and 2, 1 and 4
SIGNED = np.array([[[0.0, -0.5]], [[-2.0, 4.0]]])  # 0 and -2, -0.5 and 4


def colours(maps: np.ndarray, **options: bool) -> list[list[tuple[int, ...]]]:
    """The colour of each number, map by map."""
    return [[tuple(colour) for colour in picture[:, 0].tolist()] for picture in feature_map_images(maps, **options)]


@pytest.mark.parametrize("scale_each", [False, True])
def test_without_negative_numbers_zero_is_dark_and_the_highest_yellow(scale_each):
    first, second = colours(POSITIVE, scale_each=scale_each)
    assert not is_signed(POSITIVE)
    assert (first[0], second[1]) == (DARK, YELLOW)
    assert (first[1] == YELLOW) is scale_each
    assert second[0] not in (DARK, YELLOW)


@pytest.mark.parametrize("scale_each", [False, True])
def test_with_negative_numbers_zero_is_white_in_every_map(scale_each):
    first, second = colours(SIGNED, scale_each=scale_each)
    assert is_signed(SIGNED)
    assert (first[0], second[1]) == (WHITE, GREEN)
    assert first[1][1] < first[1][0] < first[1][2]  # purple, more or less deep
    np.testing.assert_array_equal(limits(SIGNED), (-4, 4))
    np.testing.assert_array_equal(limits(SIGNED, scale_each=True), ([-2, -4], [2, 4]))


def test_the_deepest_purple_is_as_far_below_zero_as_the_deepest_green_above():
    ends = np.array([-3.0, 0.0, 3.0]).reshape(3, 1, 1)
    (picture,) = feature_map_images(ends)
    np.testing.assert_allclose(picture[:, 0], [PURPLE, WHITE, GREEN], atol=2)
    np.testing.assert_array_equal(picture, signed_weight_images(ends)[0])


def test_maps_of_zeros_have_the_colour_of_zero():
    assert colours(np.zeros((1, 1, 2))) == [[DARK], [DARK]]
    beside_others = np.array([[[0.0, -1.0]]])
    assert colours(beside_others, scale_each=True)[0] == [WHITE]


@pytest.mark.parametrize(("maps", "zero"), [(POSITIVE, DARK), (SIGNED, WHITE)], ids=["after ReLU", "signed"])
def test_an_overview_has_the_same_colours(maps, zero):
    with Image.open(io.BytesIO(overview(maps, side=1))) as opened:
        drawn = np.asarray(opened.convert("RGB"))
    at = {0: (slice(0, 2), 0), 1: (slice(0, 2), 2)}  # two maps side by side with a gutter between them
    assert tuple(drawn[0, 0]) == zero
    for index, picture in enumerate(feature_map_images(maps)):
        np.testing.assert_allclose(drawn[at[index]].astype(int), picture[:, 0], atol=3)


def test_a_kernel_is_a_grid_of_cells_with_lines_between_them():
    weights = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    drawn = weight_grid(weights, 88)
    assert drawn.shape == (88, 88, 3)
    middles = drawn[14::30, 14::30]
    np.testing.assert_array_equal(middles, signed_weight_images(weights[..., None])[0])
    lines = drawn[28:30].reshape(-1, 3)
    assert len(np.unique(lines, axis=0)) == 1
    assert (lines[0] != WHITE).any()
    assert weight_grid(np.ones((7, 7)), 88).shape[0] <= 88
    assert weight_grid(np.ones((1, 1)), 88).shape == (88, 88, 3)
