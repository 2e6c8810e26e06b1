"""Drawn things on light and on dark tables: photos to teach with where nobody has brought any."""

import numpy as np

from cnn.data.builtin.shape_drawing import NAMES, SIZE, draw

BORDER = 24  # pixels of table on each side: most of the picture, as in a photo of something small
LIGHT, DARK = 170.0, 100.0  # mean of red, green and blue at the edge, 0-255
GRAIN = 5.0


def draw_on_table(
    name: str, count: int, *, light: bool | None = None, seed: int = 0, border: int = BORDER
) -> list[np.ndarray]:
    """Pictures of one kind of thing.

    Args:
        name: one of ``cnn.data.builtin.shape_drawing.NAMES``.
        light: on light tables, on dark ones, or on any.
        border: pixels of table around it.

    Returns:
        ``count`` pictures, uint8 (32 + 2 * border, the same, 3).
    """
    random = np.random.default_rng([seed, NAMES.index(name)])
    found: list[np.ndarray] = []
    while len(found) < count:
        picture, _ = draw(NAMES.index(name), random)
        edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).mean(axis=0)
        if light is None or (light and edge.mean() > LIGHT) or (not light and edge.mean() < DARK):
            found.append(_wider(picture, edge, border, random))
    return found


def _wider(picture: np.ndarray, ground: np.ndarray, border: int, random: np.random.Generator) -> np.ndarray:
    side = SIZE + 2 * border
    table = ground + GRAIN * random.standard_normal((side, side, 3))
    table[border : border + SIZE, border : border + SIZE] = picture
    return np.round(table).clip(0, 255).astype(np.uint8)
