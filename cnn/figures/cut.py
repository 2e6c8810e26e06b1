"""A photo with what is cut off when it is fitted to a network's input."""

import numpy as np

_KEPT = 0.3  # of the brightness of what is cut off
_FRAME = np.array([255, 255, 255], np.uint8)


def draw_cut(image: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """Darken what is outside of ``box``, and draw a white line along its edge.

    Args:
        image: uint8 (H, W, 1 or 3).
        box: (top, left, height, width) in pixels of what is kept.

    Returns:
        uint8 (H, W, same channels).
    """
    top, left, height, width = box
    inside = (slice(top, top + height), slice(left, left + width))
    drawn = (image * _KEPT).astype(np.uint8)
    drawn[inside] = image[inside]
    line = max(1, round(max(image.shape[:2]) / 200))
    channels = image.shape[2]
    if height < image.shape[0]:
        drawn[max(0, top - line) : top] = drawn[top + height : top + height + line] = _FRAME[:channels]
    if width < image.shape[1]:
        drawn[:, max(0, left - line) : left] = drawn[:, left + width : left + width + line] = _FRAME[:channels]
    return drawn
