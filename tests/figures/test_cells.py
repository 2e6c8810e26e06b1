"""Maps in a picture: cells between given borders, a margin where there are none, and nothing smoothed."""

import matplotlib as mpl
import numpy as np
import pytest

from cnn.figures.cells import place_cells
from cnn.figures.feature_maps import overlay
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import enlarge

IMAGE = np.random.default_rng(0).integers(0, 256, (8, 10, 3), np.uint8)


def test_cells_fill_what_is_between_their_borders_and_hang_over_the_edge():
    borders = np.array([1, 3, 5]) / 8, np.array([-3, 2, 7, 12]) / 10
    placed, inside = place_cells(np.array([[1, 2, 3], [4, 5, 6]]), borders, 8, 10)
    expected = np.zeros((8, 10), int)
    expected[1:3] = [1, 1, 2, 2, 2, 2, 2, 3, 3, 3]
    expected[3:5] = [4, 4, 5, 5, 5, 5, 5, 6, 6, 6]
    np.testing.assert_array_equal(np.where(inside, placed, 0), expected)
    np.testing.assert_array_equal(inside, expected > 0)


@pytest.mark.parametrize("side", [28, 32, 96, 160, 224])
def test_borders_between_pixels_stay_there_whatever_the_size(side):
    for count in (3, 7, side // 4, side):
        borders = np.arange(count + 1) / side
        placed, inside = place_cells(np.eye(count), (borders, borders), side, side)
        np.testing.assert_array_equal(placed[:count, :count], np.eye(count))
        assert inside.sum() == count**2


def test_borders_in_the_middle_of_pixels_are_met_at_twice_the_size():
    borders = np.array([0.5, 2.5, 4.5]) / 6
    placed, inside = place_cells(np.array([[1, 2], [3, 4]]), (borders, borders), 12, 12)
    np.testing.assert_array_equal(np.where(inside, placed, 0)[2], [0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 0])


def test_the_photo_shows_through_where_a_map_has_no_cells():
    borders = np.array([2, 4, 6]) / 8, np.array([3, 5]) / 10
    heat = draw_heatmap(IMAGE, np.array([[1.0], [0.5]]), borders)
    layer = overlay(IMAGE, np.full((2, 1, 3), 200, np.uint8), borders)
    for picture in (heat, layer):
        drawn = (picture != IMAGE).any(axis=2)
        assert drawn[2:6, 3:5].mean() > 0.8
        drawn[2:6, 3:5] = False
        assert not drawn.any()


def test_a_heatmap_is_drawn_only_where_the_evidence_is_positive():
    halves = np.linspace(0, 1, 3)
    image = np.full((8, 8, 3), 100, np.uint8)
    drawn = draw_heatmap(image, np.array([[0.0, 2.0], [-1.0, 1.0]]), (halves, halves))
    np.testing.assert_array_equal(drawn[:, :4], image[:, :4])
    assert drawn[0, 4].sum() > drawn[7, 7].sum() != image[7, 7].sum()
    np.testing.assert_array_equal(draw_heatmap(image, np.zeros((2, 2)), (halves, halves)), image)


@pytest.mark.parametrize("factor", [1, 4])
def test_with_a_number_for_every_pixel_each_pixel_has_its_own_colour(factor):
    heat = np.random.default_rng(1).normal(size=(8, 10))
    shares = np.clip(heat / heat.max(), 0, 1)
    colours = mpl.colormaps["magma"]((255 * shares).round().astype(np.uint8), bytes=True)[..., :3]
    expected = np.round((1 - 0.85 * shares[..., None]) * IMAGE + 0.85 * shares[..., None] * colours).astype(np.uint8)
    drawn = draw_heatmap(enlarge(IMAGE, factor), heat, (np.linspace(0, 1, 9), np.linspace(0, 1, 11)))
    np.testing.assert_array_equal(drawn, enlarge(expected, factor))
