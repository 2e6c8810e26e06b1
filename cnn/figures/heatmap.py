"""Attribution heatmaps over an image, in magma; higher values are more opaque."""

import matplotlib as mpl
import numpy as np

from cnn.figures.cells import Borders, place_cells

_MAGMA = mpl.colormaps["magma"](np.arange(256), bytes=True)[:, :3]
_MAX_OPACITY = 0.85


def draw_heatmap(image: np.ndarray, heat: np.ndarray, borders: Borders) -> np.ndarray:
    """Draw a heatmap over an image, without smoothing: a 4 x 4 map shows as 4 x 4 squares.

    Args:
        image: uint8 (H, W, 1 or 3), as large as it will be shown, see ``place_cells``.
        heat: float (h, w); values below 0 are not drawn, the highest is drawn brightest.
        borders: of the heatmap's cells; outside of them the image stays as it is.

    Returns:
        uint8 (H, W, 3).
    """
    scaled, inside = place_cells(np.clip(heat / max(float(heat.max()), 1e-12), 0, 1), borders, *image.shape[:2])
    opacity = (_MAX_OPACITY * scaled * inside)[..., None]
    return np.round((1 - opacity) * image + opacity * _MAGMA[(255 * scaled).round().astype(np.uint8)]).astype(np.uint8)
