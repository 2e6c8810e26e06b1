import numpy as np

from cnn.model.pixel_permutation import permute_pixels, pixel_permutation


def test_pixels_move_with_all_channels_and_none_is_lost():
    images = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    order = pixel_permutation((3, 4, 3), seed=7)
    permuted = permute_pixels(images, order)
    assert permuted.shape == images.shape and permuted.dtype == np.uint8
    for before, after in zip(images.reshape(2, 12, 3), permuted.reshape(2, 12, 3), strict=True):
        for position, source in enumerate(order):
            np.testing.assert_array_equal(after[position], before[source])
    assert sorted(order) == list(range(12))


def test_equal_seeds_give_equal_permutations_and_other_seeds_other_ones():
    shape = (32, 32, 3)
    np.testing.assert_array_equal(pixel_permutation(shape, 1), pixel_permutation(shape, 1))
    assert (pixel_permutation(shape, 1) != pixel_permutation(shape, 2)).any()
    assert (pixel_permutation(shape, 1) != np.arange(32 * 32)).any()


def test_inverse_permutation_restores_the_images():
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)
    order = pixel_permutation((8, 8, 1), seed=3)
    np.testing.assert_array_equal(permute_pixels(permute_pixels(images, order), np.argsort(order)), images)
