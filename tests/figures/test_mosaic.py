import io

import numpy as np
import pytest
from PIL import Image

from cnn.figures.mosaic import enlarge, enlarge_to, mosaic, png


def grey(*rows):
    return np.array(rows, np.uint8)[..., None]


def test_each_pixel_becomes_a_square():
    expected = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4], [5, 5, 6, 6], [5, 5, 6, 6]]
    enlarged = enlarge(grey([1, 2], [3, 4], [5, 6]), 2)
    assert enlarged.dtype == np.uint8
    np.testing.assert_array_equal(enlarged, grey(*expected))


@pytest.mark.parametrize(
    ("shape", "side", "expected"),
    [((32, 32), 96, (96, 96)), ((32, 32), 127, (96, 96)), ((10, 20), 96, (40, 80)), ((32, 32), 8, (32, 32))],
)
def test_enlarging_to_a_side_takes_the_largest_whole_factor(shape, side, expected):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    enlarged = enlarge_to(image, side)
    assert enlarged.shape == (*expected, 3)
    factor = expected[0] // shape[0]
    np.testing.assert_array_equal(enlarged[factor // 2 :: factor, factor // 2 :: factor], image)


def test_images_are_arranged_row_by_row_with_a_gutter_and_empty_cells():
    expected = grey([1, 2, 9, 9, 3, 4], [9] * 6, [9] * 6, [5, 6, 9, 9, 9, 9])
    picture = mosaic([grey([1, 2]), grey([3, 4]), grey([5, 6])], columns=2, background=9)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, expected)


def test_images_are_enlarged_but_the_gutter_is_not():
    expected = grey([1, 1, 255, 255, 2, 2], [1, 1, 255, 255, 2, 2])
    np.testing.assert_array_equal(mosaic([grey([1]), grey([2])], columns=2, factor=2), expected)


def test_a_column_of_colour_images():
    red, blue = np.array([[[255, 0, 0]]], np.uint8), np.array([[[0, 0, 255]]], np.uint8)
    expected = np.array([[[255, 0, 0]], [[7, 7, 7]], [[7, 7, 7]], [[0, 0, 255]]], np.uint8)
    np.testing.assert_array_equal(mosaic([red, blue], columns=1, background=7), expected)


def test_a_single_image_is_returned_unchanged():
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    np.testing.assert_array_equal(mosaic([image], columns=1), image)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_a_png_has_the_same_pixels(channels, mode):
    image = np.random.default_rng(0).integers(0, 256, (4, 5, channels), np.uint8)
    with Image.open(io.BytesIO(png(image))) as opened:
        assert (opened.format, opened.mode) == ("PNG", mode)
        np.testing.assert_array_equal(np.asarray(opened).reshape(image.shape), image)
