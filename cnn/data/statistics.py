"""Statistics of a data set's images that need no network: brightness, contrast, outliers, similarity."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cnn.data.split import Split

CHUNK = 2048  # images per chunk: a few megabytes in any set


class ImageMeasures(NamedTuple):
    """Measures of every image of a split, in its order.

    Attributes:
        brightness: float32 (N,), mean of all pixels, 0..255.
        contrast: float32 (N,), standard deviation of all pixels, 0..127.5.
        distance_from_mean: float32 (N,), root mean square distance from the mean image of its class, 0..255.
        class_means: float32 (classes, H, W, C), the mean image of each class.
    """

    brightness: np.ndarray
    contrast: np.ndarray
    distance_from_mean: np.ndarray
    class_means: np.ndarray


def measure_images(split: Split, num_classes: int) -> ImageMeasures:
    """Measure the images of a split at the data set's network size, in chunks and two passes."""
    count = len(split)
    shape = split.small.shape[1:]
    brightness, contrast, distances = (np.zeros(count, np.float32) for _ in range(3))
    sums = np.zeros((num_classes, *shape), np.float64)
    for rows, images in chunks(split):
        flat = images.reshape(len(images), -1)
        brightness[rows], contrast[rows] = flat.mean(axis=1, dtype=np.float32), flat.std(axis=1, dtype=np.float32)
        for label in np.unique(split.labels[rows]):
            sums[label] += images[split.labels[rows] == label].sum(axis=0, dtype=np.float64)
    counts = np.bincount(split.labels, minlength=num_classes).reshape(-1, *[1] * len(shape))
    means = (sums / np.maximum(counts, 1)).astype(np.float32)
    for rows, images in chunks(split):
        deviations = images - means[split.labels[rows]]
        distances[rows] = np.sqrt((deviations**2).reshape(len(images), -1).mean(axis=1))
    return ImageMeasures(brightness, contrast, distances, means)


def nearest_images(split: Split, image: np.ndarray, count: int) -> np.ndarray:
    """Positions of the images with the smallest Euclidean distance to ``image``.

    Args:
        image: uint8 (H, W, C), as returned by ``split.take``.

    Returns:
        int64 (count,), the nearest first; includes ``image`` itself if it is in the split.
    """
    query = image.astype(np.float32).ravel()
    distances = np.empty(len(split), np.float32)
    for rows, images in chunks(split):
        flat = images.reshape(len(images), -1).astype(np.float32)
        # |a - b|^2 = |a|^2 - 2 a.b + |b|^2; the last term is the same for all images
        distances[rows] = np.einsum("ij,ij->i", flat, flat) - 2 * flat @ query
    return np.argsort(distances, kind="stable")[:count]


def histograms(image: np.ndarray, bins: int = 32) -> np.ndarray:
    """Histogram of each channel with ``bins`` equal bins over 0-255: int64 (C, bins)."""
    return np.stack([np.histogram(image[..., c], bins, (0, 256))[0] for c in range(image.shape[2])])


def sort_positions(
    values: np.ndarray, positions: Sequence[int] | np.ndarray, *, largest_first: bool = False
) -> np.ndarray:
    """Sort ``positions`` by their ``values``; the sort is stable."""
    positions = np.asarray(positions)
    keys = values[positions]
    return positions[np.argsort(-keys if largest_first else keys, kind="stable")]


def chunks(split: Split) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All images of a split at network size, a few at a time: (rows, int64 (n,); images, uint8 (n, H, W, C))."""
    for start in range(0, len(split), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(split)))
        yield rows, split.take(rows)
