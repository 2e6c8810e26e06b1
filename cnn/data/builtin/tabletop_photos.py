"""Drawn objects on light and dark tables: training photos for classes that have none of their own."""

import numpy as np

from cnn.data.builtin.shape_drawing import NAMES, SIZE, draw

BORDER = 24  # pixels of table on each side: most of the image, as in a photo of a small object
LIGHT, DARK = 170.0, 100.0  # thresholds for the mean of red, green and blue at the edge, 0-255
GRAIN = 5.0


def draw_on_table(
    name: str, count: int, *, light: bool | None = None, seed: int = 0, border: int = BORDER
) -> list[np.ndarray]:
    """Draw objects of one kind.

    Args:
        name: one of ``cnn.data.builtin.shape_drawing.NAMES``.
        light: True for light tables, False for dark ones, None for any.
        border: pixels of table on each side.

    Returns:
        ``count`` images, uint8 (32 + 2 * border, 32 + 2 * border, 3).
    """
    generator = np.random.default_rng([seed, NAMES.index(name)])
    photos: list[np.ndarray] = []
    while len(photos) < count:
        image, _ = draw(NAMES.index(name), generator)
        edge_colour = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).mean(axis=0)
        brightness = edge_colour.mean()
        if light is None or (light and brightness > LIGHT) or (not light and brightness < DARK):
            photos.append(_surround_with_table(image, edge_colour, border, generator))
    return photos


def _surround_with_table(
    image: np.ndarray, colour: np.ndarray, border: int, generator: np.random.Generator
) -> np.ndarray:
    side = SIZE + 2 * border
    table = colour + GRAIN * generator.standard_normal((side, side, 3))
    table[border : border + SIZE, border : border + SIZE] = image
    return np.round(table).clip(0, 255).astype(np.uint8)
