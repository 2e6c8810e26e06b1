"""Does a network mind where things are? Images moved, mirrored and drawn at every place, and its answers to them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnn.data.builtin.shape_drawing import SIZE, draw
from cnn.model.predict import Predict

BATCH = 500
REACH = (4.0, SIZE - 4.0)  # how far left and right the middle of an object goes, in pixels


class ObjectPositions(NamedTuple):
    """One object drawn at places from left to right, all else equal.

    Attributes:
        centres: float64 (P,), the column of the object's middle, in pixels.
        images: uint8 (P, 32, 32, 3).
        label: the object's class, an index into ``cnn.data.builtin.shape_drawing.NAMES``.
    """

    centres: np.ndarray
    images: np.ndarray
    label: int


def draw_at_positions(label: int, seed: int, count: int = 49) -> ObjectPositions:
    """Draw one object of ``shapes-left-right`` at ``count`` places from the left edge to the right one.

    Args:
        seed: of the object's form, size, colours and background: the same at every place.
    """
    centres = np.linspace(*REACH, count)
    images = [draw(label, np.random.default_rng([seed, label]), "left", (0.5, centre / SIZE))[0] for centre in centres]
    return ObjectPositions(centres, np.stack(images), label)


def shift_images(images: np.ndarray, columns: int, rows: int = 0) -> np.ndarray:
    """Images moved by whole pixels; what comes in at an edge repeats the edge.

    Args:
        images: uint8 (N, H, W, C).
        columns: to the right; negative to the left.
        rows: down; negative up.

    Returns:
        uint8 (N, H, W, C).
    """
    height, width = images.shape[1:3]
    from_rows = np.clip(np.arange(height) - rows, 0, height - 1)
    from_columns = np.clip(np.arange(width) - columns, 0, width - 1)
    return images[:, from_rows][:, :, from_columns]


def mirror_images(images: np.ndarray) -> np.ndarray:
    """Images (N, H, W, C), left to right."""
    return images[:, :, ::-1]


def count_correct(predict: Predict, images: np.ndarray, labels: np.ndarray) -> int:
    """How many of the images a network names rightly."""
    return sum(
        int((predict(images[start : start + BATCH]).argmax(axis=1) == labels[start : start + BATCH]).sum())
        for start in range(0, len(images), BATCH)
    )


def correct_by_shift(predict: Predict, images: np.ndarray, labels: np.ndarray, shifts: Sequence[int]) -> list[int]:
    """How many images are named rightly when all are moved by so many pixels to the right: one number a shift."""
    return [count_correct(predict, shift_images(images, shift), labels) for shift in shifts]


def correct_by_position(predict: Predict, objects: Sequence[ObjectPositions]) -> list[int]:
    """How many objects are named rightly at each place, the leftmost first."""
    names = np.stack([predict(each.images).argmax(axis=1) for each in objects])
    return (names == np.array([each.label for each in objects])[:, None]).sum(axis=0).tolist()
