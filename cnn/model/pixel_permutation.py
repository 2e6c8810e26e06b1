"""Shuffled pixels: one fixed permutation for all images, which blinds a convolution, not a dense layer."""

import numpy as np


def pixel_permutation(shape: tuple[int, int, int], seed: int) -> np.ndarray:
    """Where each pixel comes from: int64 (height * width,), the same for the same shape and seed."""
    return np.random.default_rng([seed, 2]).permutation(shape[0] * shape[1])


def permute_pixels(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """``images`` (N, H, W, C) with the pixels of each moved by ``order``; same shape and dtype."""
    flat = images.reshape(len(images), -1, images.shape[-1])
    return flat[:, order].reshape(images.shape)
