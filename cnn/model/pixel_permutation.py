"""One fixed permutation of the pixels of all images, which defeats a convolution but not a dense layer."""

import numpy as np


def pixel_permutation(shape: tuple[int, int, int], seed: int) -> np.ndarray:
    """Source index of each pixel, int64 (height * width,); equal shapes and seeds give equal permutations."""
    return np.random.default_rng([seed, 2]).permutation(shape[0] * shape[1])


def permute_pixels(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """``images`` (N, H, W, C) with the pixels of each permuted by ``order``; same shape and dtype."""
    flat = images.reshape(len(images), -1, images.shape[-1])
    return flat[:, order].reshape(images.shape)
