"""Resizing, and fitting images to a network's input."""

import numpy as np
import pytest

from cnn.data.images import fit_to, resize
from cnn.errors import ImageShapeError

RED = (255, 0, 0)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_same_size_gives_the_same_values(channels):
    image = np.random.default_rng(1).integers(0, 256, (7, 9, channels), dtype=np.uint8)
    assert (resize(image, 7, 9) == image).all()
    assert resize(image, 3, 20).shape == (3, 20, channels)


def test_shrinking_averages_and_enlarging_interpolates():
    checks = np.indices((64, 64)).sum(axis=0)[..., np.newaxis] % 2 * np.uint8(255)
    small = resize(checks.astype(np.uint8), 4, 4)
    assert np.abs(small.astype(int) - 127.5).max() < 3  # sampling without averaging gives 0 or 255
    step = np.array([[[0], [100]]], np.uint8)
    assert resize(step, 1, 4)[0, :, 0].tolist() == [0, 25, 75, 100]  # bilinear, pixel centres at (i + 0.5) / 2 - 0.5


def test_fitting_crops_the_centre_without_distortion():
    photo = np.zeros((60, 120, 3), np.uint8)
    photo[:, 30:90] = RED
    assert (fit_to(photo, (20, 20, 3)) == RED).all()
    assert fit_to(photo, (20, 20, 1))[..., 0].tolist() == [[76] * 20] * 20  # 0.299 * 255
    portrait = photo.swapaxes(0, 1)
    assert (fit_to(portrait, (20, 20, 3)) == RED).all()
    assert fit_to(photo[..., :1], (60, 120, 3)).tolist() == np.repeat(photo[..., :1], 3, axis=2).tolist()
    assert fit_to(photo, (1, 200, 3)).shape == (1, 200, 3)


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)],
)
def test_other_dtypes_and_shapes_are_refused(image):
    with pytest.raises(ImageShapeError, match="expected"):
        resize(image, 2, 2)


def test_a_network_of_two_channels_is_refused():
    with pytest.raises(ImageShapeError, match="2 channels"):
        fit_to(np.zeros((4, 6, 3), np.uint8), (4, 4, 2))
