"""Where the numbers of an attribution stand in the image."""

from typing import TYPE_CHECKING

import numpy as np

from cnn.analysis.activations.receptive_field import Borders, cell_borders
from cnn.analysis.attribution.gradients import cam_layers

if TYPE_CHECKING:
    import keras


def heat_borders(model: "keras.Model", method: str, layer: str | None = None) -> Borders:
    """The borders of the cells of an attribution, as ``cell_borders`` gives those of a layer's maps.

    Args:
        method, layer: as for ``attribution``.

    Returns:
        Those of the maps that a class activation map weighs; those of the pixels for the other methods.

    Raises:
        ModelError: no such layer.
    """
    if method in ("grad-cam", "grad-cam++"):
        return cell_borders(model, layer or cam_layers(model)[0])
    height, width = model.input_shape[1:3]
    return np.linspace(0, 1, height + 1), np.linspace(0, 1, width + 1)
