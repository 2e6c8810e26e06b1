"""Evidence over an image: magma, the more opaque the larger."""

import matplotlib as mpl
import numpy as np

_MAGMA = mpl.colormaps["magma"](np.arange(256), bytes=True)[:, :3]
_MOST_OPAQUE = 0.85


def draw_heatmap(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Heat over an image, not smoothed: a map of 4 x 4 numbers shows 4 x 4 squares.

    Args:
        image: uint8 (H, W, 1 or 3).
        heat: float (h, w); what is below 0 is not drawn, the largest is drawn brightest.

    Returns:
        uint8 (H, W, 3).
    """
    height, width = image.shape[:2]
    share = np.clip(heat / max(float(heat.max()), 1e-12), 0, 1)
    rows = np.arange(height) * heat.shape[0] // height
    columns = np.arange(width) * heat.shape[1] // width
    share = share[rows][:, columns]
    opacity = (_MOST_OPAQUE * share)[..., None]
    return np.round((1 - opacity) * image + opacity * _MAGMA[(255 * share).round().astype(np.uint8)]).astype(np.uint8)
