"""Which images to show first: some that a network finds clear, then one it found hard and one it got wrong."""

import numpy as np


def clear_images(probabilities: np.ndarray, labels: np.ndarray, count: int) -> list[int]:
    """Positions of images that a network is right and sure about, class by class, then of a hard one and a wrong one.

    The hard one is right with the least confidence; the wrong one is the mistake with the least confidence, for a
    confident mistake may be an error of the label.

    Args:
        probabilities: float32 (N, classes), the network's answers.
        labels: int64 (N,), the true classes.
        count: how many clear ones, at most: the surest of every class, then the second surest, and so on.

    Returns:
        Up to ``count + 2`` positions, each once.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right, wrong = order[predicted[order] == labels[order]], order[predicted[order] != labels[order]]
    clear = _turn_by_turn(right, labels)[:count].tolist()
    hard = [*right[-1:].tolist(), *wrong[-1:].tolist()]
    return list(dict.fromkeys(clear + hard))


def first_of_each_class(labels: np.ndarray, count: int) -> list[int]:
    """Positions of the first image of every class, then of the second of every class, and so on; ``count`` at most.

    Args:
        labels: int64 (N,), the true classes.
    """
    return _turn_by_turn(np.arange(len(labels)), labels)[:count].tolist()


def _turn_by_turn(positions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """``positions``, int64 (M,), with the first of every class before the second of any, and so on."""
    by_class = positions[np.argsort(labels[positions], kind="stable")]
    classes = labels[by_class]
    turn = np.arange(len(by_class)) - np.searchsorted(classes, classes)
    return by_class[np.lexsort((classes, turn))]
