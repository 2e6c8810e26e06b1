"""Asking a network about many images, some at a time: the maps of a large input fill a machine's memory otherwise."""

import numpy as np

from cnn.model.predict import Predict

MOST = 250
_PIXELS = 1_000_000


def batch_size(shape: tuple[int, ...]) -> int:
    """How many images of ``shape``, (h, w, C), go through a network at once: 250 small ones, 39 of 160 pixels a side.

    MobileNetV2 asked about 250 images of 160 pixels at once needs 3 GB, and is no faster than with 39, which need 1.2.
    """
    return int(max(16, min(MOST, _PIXELS // (shape[0] * shape[1]))))


def in_batches(predict: Predict, images: np.ndarray) -> np.ndarray:
    """``predict(images)``, worked out batch by batch: uint8 (N, H, W, C), at least one -> float32 (N, classes)."""
    size = batch_size(images.shape[1:])
    return np.concatenate([predict(images[start : start + size]) for start in range(0, len(images), size)])
