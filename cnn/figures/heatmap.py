"""Attribution heatmaps over an image, in magma; higher values are more opaque."""

import matplotlib as mpl
import numpy as np

_MAGMA = mpl.colormaps["magma"](np.arange(256), bytes=True)[:, :3]
_MAX_OPACITY = 0.85


def draw_heatmap(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Draw a heatmap over an image, without smoothing: a 4 x 4 map shows as 4 x 4 squares.

    Args:
        image: uint8 (H, W, 1 or 3).
        heat: float (h, w); values below 0 are not drawn, the highest is drawn brightest.

    Returns:
        uint8 (H, W, 3).
    """
    height, width = image.shape[:2]
    scaled = np.clip(heat / max(float(heat.max()), 1e-12), 0, 1)
    rows = np.arange(height) * heat.shape[0] // height
    columns = np.arange(width) * heat.shape[1] // width
    scaled = scaled[rows][:, columns]
    opacity = (_MAX_OPACITY * scaled)[..., None]
    return np.round((1 - opacity) * image + opacity * _MAGMA[(255 * scaled).round().astype(np.uint8)]).astype(np.uint8)
