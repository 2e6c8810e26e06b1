"""Occlusion: how the predicted probabilities change when a grey square hides a part of the image.

Source: Zeiler & Fergus (2014), "Visualizing and understanding convolutional networks", arXiv:1311.2901.
"""

from typing import NamedTuple

import numpy as np

from cnn.analysis.batches import in_batches
from cnn.model.predict import Predict

GREY = 128


class Occlusion(NamedTuple):
    """Predictions with the grey square at every position.

    Attributes:
        tops: int64 (R,), first row of the square at each vertical position; negative where it starts above the image.
        lefts: int64 (C,), first column at each horizontal position.
        size: side of the square in pixels.
        probabilities: float32 (R, C, classes).
        whole: float32 (classes,), the probabilities for the whole image.
    """

    tops: np.ndarray
    lefts: np.ndarray
    size: int
    probabilities: np.ndarray
    whole: np.ndarray

    def drop(self, class_index: int) -> np.ndarray:
        """The drop in a class's probability at each position of the square: float32 (R, C), -1..1."""
        return self.whole[class_index] - self.probabilities[..., class_index]

    def borders(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Borders of cells around the middles of the squares, which touch: float64 (R + 1,) and (C + 1,).

        They are fractions of the image's height and width, which are given in pixels.
        """
        rows, columns = (
            (starts[0] + self.size / 2 + (starts[1] - starts[0]) * (np.arange(len(starts) + 1) - 0.5)) / side
            for starts, side in ((self.tops, height), (self.lefts, width))
        )
        return rows, columns


def occlusion(predict: Predict, image: np.ndarray, size: int, step: int) -> Occlusion:
    """Predict an image with the square at every position.

    Args:
        image: uint8 (H, W, C), of the network's size.
        size: side of the grey square in pixels; it is clipped at the edges, which are hidden as often as the middle.
        step: pixels between neighbouring positions.
    """
    height, width = image.shape[:2]
    tops, lefts = (np.arange(-(size // 2), side - size // 2, step) for side in (height, width))
    hidden = np.repeat(image[None], len(tops) * len(lefts) + 1, axis=0)
    for index, (top, left) in enumerate((top, left) for top in tops for left in lefts):
        hidden[index, max(0, top) : top + size, max(0, left) : left + size] = GREY
    probabilities = in_batches(predict, hidden)
    grid = probabilities[:-1].reshape(len(tops), len(lefts), -1)
    return Occlusion(tops, lefts, size, grid, whole=probabilities[-1])
