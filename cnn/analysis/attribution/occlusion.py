"""What happens to an answer when a part of the image is hidden: a grey square at every place, all in one batch.

Source: Zeiler & Fergus (2014), "Visualizing and understanding convolutional networks", arXiv:1311.2901.
"""

from typing import NamedTuple

import numpy as np

from cnn.analysis.batches import in_batches
from cnn.model.predict import Predict

GREY = 128


class Occlusion(NamedTuple):
    """Answers with a grey square at every place.

    Attributes:
        tops: int64 (R,), the first row of the square at each of its places down; it may begin above the image.
        lefts: int64 (C,), the first column.
        size: its side, in pixels.
        probabilities: float32 (R, C, classes).
        whole: float32 (classes,), the answer to the whole image.
    """

    tops: np.ndarray
    lefts: np.ndarray
    size: int
    probabilities: np.ndarray
    whole: np.ndarray

    def drop(self, number: int) -> np.ndarray:
        """How much of the probability of class ``number`` goes when the square is there: float32 (R, C), -1..1."""
        return self.whole[number] - self.probabilities[..., number]


def occlusion(predict: Predict, image: np.ndarray, size: int, step: int) -> Occlusion:
    """Hide every part of an image once.

    Args:
        image: uint8 (H, W, C), of the network's size.
        size: pixels a side of the grey square; it is cut at the edges, so that edges are hidden as often as the middle.
        step: pixels from one place to the next.
    """
    height, width = image.shape[:2]
    tops, lefts = (np.arange(-(size // 2), side - size // 2, step) for side in (height, width))
    hidden = np.repeat(image[None], len(tops) * len(lefts) + 1, axis=0)
    for number, (top, left) in enumerate((top, left) for top in tops for left in lefts):
        hidden[number, max(0, top) : top + size, max(0, left) : left + size] = GREY
    answers = in_batches(predict, hidden)
    return Occlusion(tops, lefts, size, answers[:-1].reshape(len(tops), len(lefts), -1), answers[-1])
