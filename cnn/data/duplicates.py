"""Images that two splits of a data set share: the same pixels, or nearly the same picture.

What a network has learned from says nothing about new images. CIFAR-10 has such pairs between training and test: Barz
and Denzler, "Do We Train on Test Data? Purging CIFAR of Near-Duplicates" (2020), who made ciFAIR without them.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cnn.data.split import Split
from cnn.data.statistics import chunks

NEAR = 0.9  # correlation of two near duplicates: photos a moment apart, or cut and coloured a little differently
_BLOCK = 4  # pixels: side of the blocks whose means are compared first


class NearDuplicate(NamedTuple):
    """A pair of images, by their positions in two splits, and the correlation of their pixels, -1..1."""

    first: int
    second: int
    correlation: float


def find_duplicates(first: Split, second: Split) -> list[tuple[int, int]]:
    """Pairs of positions in the two splits whose images are identical at network size, in the order of ``first``."""
    positions: dict[bytes, list[int]] = {}
    for position, digest in _digests(second):
        positions.setdefault(digest, []).append(position)
    return [(position, other) for position, digest in _digests(first) for other in positions.get(digest, [])]


def find_near_duplicates(first: Split, second: Split, at_least: float = NEAR) -> list[NearDuplicate]:
    """Pairs whose pixels correlate by ``at_least`` at network size, the most alike first; identical ones included.

    Not every pair is compared pixel by pixel. With both images centred and scaled to length 1, their correlation is the
    product of the parts that block means keep plus that of the parts they lose, and the second is at most the product
    of the lost lengths (Cauchy and Schwarz). So pairs of block means that are too unlike are left out, and no other.
    An image of a single colour correlates with nothing.

    Args:
        first: the larger split.
        second: a split with images of the same size.
        at_least: correlation, above 0 and at most 1.
    """
    other, other_kept = _normalised(second.take(np.arange(len(second))))
    other_lost = _lost_length(other_kept)
    pairs: list[NearDuplicate] = []
    for rows, images in chunks(first):
        pixels, kept = _normalised(images)
        bounds = kept @ other_kept.T + _lost_length(kept)[:, None] * other_lost
        i, j = np.nonzero(bounds >= at_least - 1e-5)
        correlations = np.einsum("ij,ij->i", pixels[i], other[j])
        near = correlations >= at_least
        found = zip(rows[i[near]].tolist(), j[near].tolist(), correlations[near].tolist(), strict=True)
        pairs.extend(NearDuplicate(*pair) for pair in found)
    return sorted(pairs, key=lambda pair: -pair.correlation)


def _normalised(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images, uint8 (N, H, W, C), with mean 0 and length 1: float32 (N, H * W * C); and their block means, so scaled
    that they are an orthogonal projection: float32 (N, blocks * C)."""
    count, height, width, channels = images.shape
    flat = images.reshape(count, -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    block = _BLOCK if height % _BLOCK == 0 and width % _BLOCK == 0 else 1
    blocks = flat.reshape(count, height // block, block, width // block, block, channels).mean(axis=(2, 4))
    return flat, blocks.reshape(count, -1) * block


def _lost_length(kept: np.ndarray) -> np.ndarray:
    """Length of what a projection, float32 (N, K), has lost of vectors of length 1: float32 (N,)."""
    return np.sqrt(np.maximum(1 - np.einsum("ij,ij->i", kept, kept), 0))


def _digests(split: Split) -> Iterator[tuple[int, bytes]]:
    for rows, images in chunks(split):
        for row, image in zip(rows, images, strict=True):
            yield int(row), hashlib.blake2b(image.tobytes(), digest_size=16).digest()
