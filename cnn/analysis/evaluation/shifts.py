"""Translation invariance: predictions for images shifted, mirrored, or with an object drawn at every position."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnn.data.builtin.shape_drawing import SIZE, draw
from cnn.model.predict import Predict

BATCH = 500
CENTRE_RANGE = (4.0, SIZE - 4.0)  # columns of an object's centre, in pixels


class ObjectPositions(NamedTuple):
    """One object drawn at positions from left to right, all else equal.

    Attributes:
        centres: float64 (P,), the column of the object's centre, in pixels.
        images: uint8 (P, 32, 32, 3).
        label: the object's class, an index into ``cnn.data.builtin.shape_drawing.NAMES``.
    """

    centres: np.ndarray
    images: np.ndarray
    label: int


def draw_at_positions(label: int, seed: int, count: int = 49) -> ObjectPositions:
    """Draw one object of ``shapes-left-right`` at ``count`` positions from the left edge to the right edge.

    Args:
        seed: of the object's form, size, colours and background, which are the same at every position.
    """
    centres = np.linspace(*CENTRE_RANGE, count)
    images = [draw(label, np.random.default_rng([seed, label]), "left", (0.5, centre / SIZE))[0] for centre in centres]
    return ObjectPositions(centres, np.stack(images), label)


def shift_images(images: np.ndarray, columns: int, rows: int = 0) -> np.ndarray:
    """Shift images by whole pixels; pixels from beyond an edge repeat the edge.

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
    """Mirror images (N, H, W, C) horizontally."""
    return images[:, :, ::-1]


def count_correct(predict: Predict, images: np.ndarray, labels: np.ndarray) -> int:
    """Count the images that a network predicts correctly."""
    return sum(
        int((predict(images[start : start + BATCH]).argmax(axis=1) == labels[start : start + BATCH]).sum())
        for start in range(0, len(images), BATCH)
    )


def correct_by_shift(predict: Predict, images: np.ndarray, labels: np.ndarray, shifts: Sequence[int]) -> list[int]:
    """Count the images predicted correctly after each shift, in pixels to the right."""
    return [count_correct(predict, shift_images(images, shift), labels) for shift in shifts]


def correct_by_position(predict: Predict, objects: Sequence[ObjectPositions]) -> list[int]:
    """Count the objects predicted correctly at each position, the leftmost first."""
    predicted = np.stack([predict(drawn.images).argmax(axis=1) for drawn in objects])
    return (predicted == np.array([drawn.label for drawn in objects])[:, None]).sum(axis=0).tolist()
