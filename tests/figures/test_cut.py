"""A photo with what is cut off, against the pixels that the fit takes."""

import numpy as np
import pytest

from cnn.data.images import crop_box, fit_to
from cnn.figures.cut import draw_cut

PHOTO = np.random.default_rng(0).integers(100, 200, (40, 100, 3), dtype=np.uint8)


@pytest.mark.parametrize(("place", "left"), [(0, 0), (0.5, 30), (1, 60)])
@pytest.mark.parametrize("tall", [False, True])
def test_what_is_not_darkened_is_what_the_network_gets(place, left, tall):
    photo = np.ascontiguousarray(PHOTO.swapaxes(0, 1)) if tall else PHOTO
    box = crop_box(photo.shape[:2], (40, 40, 3), place)
    assert box == ((left, 0, 40, 40) if tall else (0, left, 40, 40))
    drawn = draw_cut(photo, box)
    seen = fit_to(photo, (40, 40, 3), place)  # of its own size, so no pixel changes
    top, left_edge, height, width = box
    assert (drawn[top : top + height, left_edge : left_edge + width] == seen).all()
    bright = (drawn == photo).all(axis=2)
    assert bright.sum() == 1600
    assert ((drawn == 255).all(axis=2).sum() > 0) == (bright.sum() < 4000)


def test_without_a_place_all_is_squeezed_in():
    assert (fit_to(PHOTO, (40, 50, 3), None) == fit_to(PHOTO, (40, 100, 3))[:, :50]).mean() < 0.5
    flat = np.repeat(np.arange(0, 200, 2, dtype=np.uint8)[None, :, None], 40, axis=0)
    squeezed = fit_to(flat, (40, 50, 1), None)[0, :, 0]
    # Pillow's bilinear filter over two pixels a side of each centre: the mean of a ramp stays the ramp.
    np.testing.assert_allclose(squeezed[1:-1], np.arange(1, 200, 4)[1:-1], atol=1)
