"""The images that activate a filter most, and where in them it is activated."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cnn.analysis.activations.layer_outputs import LayerOutputs

BATCH = 32  # the first maps of one large image take ten megabytes


class MaxActivations(NamedTuple):
    """The highest activation of each filter of a layer in each image.

    Attributes:
        highest: float32 (N, filters), the maximum over the filter's map.
        rows: int32 (N, filters), the row of the map where it occurs.
        columns: int32 (N, filters), the column.
        means: float32 (N, filters), the mean over the map.
    """

    highest: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    means: np.ndarray


def max_activations(
    outputs_of: LayerOutputs, layer: str, load_images: Callable[[range], np.ndarray], count: int
) -> MaxActivations:
    """Compute the activations of the first ``count`` images, batch by batch.

    Args:
        outputs_of: of a model, see ``layer_outputs``; includes ``layer``, whose output is (N, h, w, filters).
        load_images: returns the images at a range of positions, uint8 (n, H, W, C).
    """
    parts = []
    for start in range(0, count, BATCH):
        maps = outputs_of(load_images(range(start, min(start + BATCH, count))))[layer]
        flat = maps.reshape(len(maps), -1, maps.shape[3])  # (n, h * w, filters)
        rows, columns = np.unravel_index(flat.argmax(axis=1), maps.shape[1:3])
        parts.append((flat.max(axis=1), rows.astype(np.int32), columns.astype(np.int32), flat.mean(axis=1)))
    return MaxActivations(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def top_images(activations: MaxActivations, filter_index: int, count: int) -> np.ndarray:
    """Positions of the ``count`` images with the highest activation of a filter, highest first: int64.

    Ties, which are common where ReLU6 clips at 6, are broken by the higher mean.
    """
    return np.lexsort((-activations.means[:, filter_index], -activations.highest[:, filter_index]))[:count]
