"""What can be said of a data set's images without any network: how bright, how unusual, what resembles what."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cnn.data.split import Split

CHUNK = 2048  # images at once: a few megabytes, whatever the set


class ImageMeasures(NamedTuple):
    """Of every image of a split, in its order.

    Attributes:
        brightness: float32 (N,), mean of all pixels, 0..255.
        contrast: float32 (N,), standard deviation of all pixels, 0..127.5.
        unusual: float32 (N,), root mean square distance from the mean image of its class, 0..255.
        means: float32 (classes, H, W, C), the mean image of each class.
    """

    brightness: np.ndarray
    contrast: np.ndarray
    unusual: np.ndarray
    means: np.ndarray


def measure_images(split: Split, num_classes: int) -> ImageMeasures:
    """Measure the images of a split as a network of its own sees them; reads them twice, in pieces."""
    count = len(split)
    shape = split.small.shape[1:]
    brightness, contrast, unusual = (np.zeros(count, np.float32) for _ in range(3))
    sums = np.zeros((num_classes, *shape), np.float64)
    for rows, images in _pieces(split):
        flat = images.reshape(len(images), -1)
        brightness[rows], contrast[rows] = flat.mean(axis=1, dtype=np.float32), flat.std(axis=1, dtype=np.float32)
        for label in np.unique(split.labels[rows]):
            sums[label] += images[split.labels[rows] == label].sum(axis=0, dtype=np.float64)
    counts = np.bincount(split.labels, minlength=num_classes).reshape(-1, *[1] * len(shape))
    means = (sums / np.maximum(counts, 1)).astype(np.float32)
    for rows, images in _pieces(split):
        away = images - means[split.labels[rows]]
        unusual[rows] = np.sqrt((away**2).reshape(len(images), -1).mean(axis=1))
    return ImageMeasures(brightness, contrast, unusual, means)


def nearest_images(split: Split, image: np.ndarray, count: int) -> np.ndarray:
    """The images of a split that differ least from ``image``, pixel by pixel.

    Args:
        image: uint8 (H, W, C), as ``split.take`` gives it.

    Returns:
        int64 (count,), positions in the split, the nearest first; ``image`` itself among them if it is there.
    """
    query = image.astype(np.float32).ravel()
    distances = np.empty(len(split), np.float32)
    for rows, images in _pieces(split):
        flat = images.reshape(len(images), -1).astype(np.float32)
        # |a - b|^2 = |a|^2 - 2 a.b + |b|^2, of which the last is the same for all
        distances[rows] = np.einsum("ij,ij->i", flat, flat) - 2 * flat @ query
    return np.argsort(distances, kind="stable")[:count]


def duplicates(first: Split, second: Split) -> list[tuple[int, int]]:
    """Pairs of positions at which a network would see exactly the same pixels, in the order of ``first``."""
    where: dict[bytes, list[int]] = {}
    for position, key in _keys(second):
        where.setdefault(key, []).append(position)
    return [(position, other) for position, key in _keys(first) for other in where.get(key, [])]


def histograms(image: np.ndarray, bins: int = 32) -> np.ndarray:
    """How many pixels of each channel have a value in each of ``bins`` equal steps of 0-255: int64 (C, bins)."""
    return np.stack([np.histogram(image[..., c], bins, (0, 256))[0] for c in range(image.shape[2])])


def sort_positions(
    values: np.ndarray, positions: Sequence[int] | np.ndarray, *, largest_first: bool = False
) -> np.ndarray:
    """``positions`` in the order of their ``values``; equal ones keep their order."""
    positions = np.asarray(positions)
    keys = values[positions]
    return positions[np.argsort(-keys if largest_first else keys, kind="stable")]


def _pieces(split: Split) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start in range(0, len(split), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(split)))
        yield rows, split.take(rows)


def _keys(split: Split) -> Iterator[tuple[int, bytes]]:
    for rows, images in _pieces(split):
        for row, image in zip(rows, images, strict=True):
            yield int(row), hashlib.blake2b(image.tobytes(), digest_size=16).digest()
