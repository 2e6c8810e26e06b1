"""Near twins: photos so alike that one in training and another in the test tell nothing, such as those of a burst."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from cnn.data.images import resize

MIN_CORRELATION = 0.95
"""Of the pixels of two photos at ``SIDE``: frames of a burst are above it, two photos of one thing below."""

SIDE = 16

_SEED = 20150205
_PARTS = ("test", "validation", "train")


def describe(image: np.ndarray) -> np.ndarray:
    """What near twins are found by: where a photo at ``SIDE`` pixels is brighter than on the whole, colour by colour.

    Args:
        image: uint8 (H, W, 3).

    Returns:
        float32 (SIDE * SIDE * 3,) of mean 0 and length 1, or all 0 for a photo of one colour.
    """
    pixels = resize(image, SIDE, SIDE).astype(np.float32)
    # Each colour's own mean: otherwise all photos of a red thing would look alike.
    centred = (pixels - pixels.mean(axis=(0, 1))).ravel()
    return centred / max(float(np.linalg.norm(centred)), 1e-6)


def group_near_twins(descriptions: np.ndarray, labels: Sequence[int]) -> np.ndarray:
    """Group the photos of each class: those that are linked by pairs of near twins are one group.

    Args:
        descriptions: float32 (N, D), a row of ``describe`` for each photo.
        labels: the class of each photo.

    Returns:
        The group of each photo, int64 (N,), numbered in the order in which the groups appear.
    """
    classes = np.asarray(labels)
    groups = np.zeros(len(classes), np.int64)
    for label in np.unique(classes):
        members = np.flatnonzero(classes == label)
        alike = descriptions[members] @ descriptions[members].T >= MIN_CORRELATION
        groups[members] = connected_components(csr_array(alike), directed=False)[1] + len(classes) * label
    _, first, numbers = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[numbers].astype(np.int64)


def can_be_kept_apart(labels: Sequence[int], groups: np.ndarray) -> bool:
    """Whether every class has the three groups that it takes to keep each on one side of the split."""
    classes = np.asarray(labels)
    return all(len(np.unique(groups[classes == label])) >= len(_PARTS) for label in np.unique(classes))


def split_stratified(labels: Sequence[int], groups: Sequence[int] | np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Split images by class: a tenth of each class, at least one, for the test and as many for validation.

    A group stays together, so its class' parts may be a little larger or smaller. A class of fewer than three groups
    cannot be split so; its groups are. The split is deterministic: it depends only on the arguments.

    Args:
        labels: the class of each image.
        groups: the group of each image, see ``group_near_twins``; None if every image is one of its own.

    Returns:
        Positions, int64, for "train", "validation" and "test"; the three are disjoint.
    """
    parts: dict[str, list[np.ndarray]] = {part: [] for part in _PARTS}
    for label in np.unique(labels):
        members = np.flatnonzero(np.asarray(labels) == label)
        numbers = np.arange(len(members)) if groups is None else np.asarray(groups)[members]
        if len(np.unique(numbers)) < len(parts):
            numbers = np.arange(len(members))
        _, first = np.unique(numbers, return_index=True)
        shuffled = np.random.default_rng([_SEED, int(label)]).permutation(numbers[np.sort(first)])
        waiting = [members[numbers == number] for number in shuffled]
        tenth = max(1, round(len(members) / 10))
        for part, groups_after in (("test", 2), ("validation", 1)):
            parts[part] += _take(waiting, tenth, groups_after)
        parts["train"] += waiting
    return {part: np.sort(np.concatenate(positions)) for part, positions in parts.items()}


def _take(waiting: list[np.ndarray], count: int, groups_after: int) -> list[np.ndarray]:
    """Take groups out of ``waiting`` that have ``count`` images together, or the smallest if each has more.

    Args:
        groups_after: how many groups have to be left.
    """
    taken: list[np.ndarray] = []
    for group in list(waiting):
        if len(group) <= count - sum(map(len, taken)) and len(waiting) > groups_after:
            taken.append(group)
            waiting[:] = [other for other in waiting if other is not group]
    if not taken:
        taken = [min(waiting, key=len)]
        waiting[:] = [other for other in waiting if other is not taken[0]]
    return taken
