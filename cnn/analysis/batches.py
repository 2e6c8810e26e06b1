"""Predicting many images in batches, because the feature maps of large inputs would otherwise fill the memory."""

import numpy as np

from cnn.model.predict import Predict

MAX_BATCH = 250
_MAX_PIXELS = 1_000_000


def batch_size(shape: tuple[int, ...]) -> int:
    """The number of images of ``shape``, (h, w, C), to predict at once: 250 small ones, 39 of 160 pixels per side.

    For 250 images of 160 pixels at once, MobileNetV2 needs 3 GB and is no faster than with 39, which need 1.2 GB.
    """
    return int(max(16, min(MAX_BATCH, _MAX_PIXELS // (shape[0] * shape[1]))))


def in_batches(predict: Predict, images: np.ndarray) -> np.ndarray:
    """Predict batch by batch: uint8 (N, H, W, C), at least one image -> float32 (N, classes)."""
    size = batch_size(images.shape[1:])
    return np.concatenate([predict(images[start : start + size]) for start in range(0, len(images), size)])
