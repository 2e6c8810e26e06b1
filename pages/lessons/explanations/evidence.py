"""The class to explain, and evidence drawn over an image."""

import numpy as np

from cnn.figures.cells import Borders
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import enlarge_to
from pages.widgets import linked_inputs
from pages.widgets.selected_image import SelectedImage

PREDICTED = "its answer"


def choose_class(selected: SelectedImage) -> int:
    """The class to explain; until the visitor chooses one, whichever class is predicted."""
    names = selected.card.class_names
    choice = linked_inputs.choice(
        "explain.class", "Evidence for", {PREDICTED: PREDICTED} | {name: name for name in names}, width=240
    )
    return int(selected.probabilities.argmax()) if choice == PREDICTED else names.index(choice)


def draw_evidence(image: np.ndarray, heat: np.ndarray, borders: Borders, side: int) -> np.ndarray:
    """Draw evidence over an image.

    Per-pixel evidence is clipped at its 99th percentile, as in Smilkov et al. (2017): otherwise a few pixels of a large
    picture outshine all others.

    Args:
        image: uint8 (H, W, C).
        heat: float (h, w), for every pixel or for a coarser grid.
        borders: of the cells of that grid, see ``heat_borders``.
        side: the picture is enlarged to at most so many pixels.

    Returns:
        The picture, as ``draw_heatmap`` gives it.
    """
    limit = float(np.percentile(heat, 99)) if heat.shape == image.shape[:2] else 0.0
    return draw_heatmap(enlarge_to(image, side), np.minimum(heat, limit) if limit > 0 else heat, borders)
