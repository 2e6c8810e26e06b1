"""Which images excite a filter most, and where in them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cnn.analysis.activations.layer_outputs import LayerOutputs

BATCH = 32  # the first maps of a large image take ten megabytes


class MaxActivations(NamedTuple):
    """How strongly each filter of a layer answers to each image, at most.

    Attributes:
        strongest: float32 (N, filters).
        rows: int32 (N, filters), the row of the map at which it does.
        columns: int32 (N, filters).
        means: float32 (N, filters), how strongly on the average of all places.
    """

    strongest: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    means: np.ndarray


def max_activations(probe: LayerOutputs, layer: str, take: Callable[[range], np.ndarray], count: int) -> MaxActivations:
    """Look at ``count`` images, piece by piece.

    Args:
        probe: of a model, see ``layer_outputs``; it must give ``layer``, whose output is (N, h, w, filters).
        take: gives the images of a range of positions, uint8 (n, H, W, C).
    """
    parts = []
    for start in range(0, count, BATCH):
        maps = probe(take(range(start, min(start + BATCH, count))))[layer]
        flat = maps.reshape(len(maps), -1, maps.shape[3])  # (n, h * w, filters)
        rows, columns = np.unravel_index(flat.argmax(axis=1), maps.shape[1:3])
        parts.append((flat.max(axis=1), rows.astype(np.int32), columns.astype(np.int32), flat.mean(axis=1)))
    return MaxActivations(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def top_images(found: MaxActivations, number: int, count: int) -> np.ndarray:
    """The positions of the ``count`` images that filter ``number`` answers to most, the strongest first: int64.

    Where several are as strong, as where ReLU6 cuts at 6, those come first that it answers to at more places.
    """
    return np.lexsort((-found.means[:, number], -found.strongest[:, number]))[:count]
