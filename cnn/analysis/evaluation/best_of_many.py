"""What choosing the best of many by one set of images does to its score: guessers who look at no image show it."""

from typing import NamedTuple

import numpy as np


class BestGuesser(NamedTuple):
    """The best of many guessers.

    Attributes:
        images: how many images chose it, and how many it answered after that.
        chosen: correct guesses on the images by which it was chosen.
        again: its correct guesses on as many other images.
    """

    images: int
    chosen: int
    again: int


def best_guesser(labels: np.ndarray, classes: int, guessers: int, images: int, seed: int) -> BestGuesser:
    """Let guessers name a random class for every image, and take the one that was right most often.

    Args:
        labels: int (N,), the true classes of two images or more.
        guessers: how many there are, at least 1.
        images: by how many the best is chosen; at most half of all, so that as many others are left.
        seed: of the guesses and of the images drawn.
    """
    random = np.random.default_rng(seed)
    images = min(images, len(labels) // 2)
    drawn = labels[random.permutation(len(labels))[: 2 * images]]
    correct = random.integers(classes, size=(guessers, 2 * images)) == drawn
    chosen, again = correct[:, :images].sum(axis=1), correct[:, images:].sum(axis=1)
    best = int(chosen.argmax())
    return BestGuesser(images, int(chosen[best]), int(again[best]))
