"""A grey square that is dragged over an image; the answers were computed beforehand for every position."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cnn.analysis.attribution.occlusion import Occlusion
from cnn.figures.mosaic import png
from pages.components import browser_component
from pages.components.data_uri import png_data_uri
from pages.components.probabilities import shorten_probabilities

_HTML = """
<div class="occluder">
  <canvas tabindex="0" role="application"></canvas>
  <p class="line" aria-live="polite"></p>
</div>
"""
_component = browser_component(Path(__file__).parent, _HTML, ["../percent", "occlusion_patch"])


def occlusion_patch(image: np.ndarray, occlusion: Occlusion, class_names: Sequence[str], *, key: str) -> None:
    """Show the image and the square; the browser returns nothing.

    Args:
        image: uint8 (H, W, 1 or 3), as the network gets it.
    """
    height, width = image.shape[:2]
    data = {
        "height": height,
        "width": width,
        "image": png_data_uri(png(image)),
        "tops": occlusion.tops.tolist(),
        "lefts": occlusion.lefts.tolist(),
        "size": occlusion.size,
        "classes": list(class_names),
        "whole": shorten_probabilities(occlusion.whole),
        "answers": shorten_probabilities(occlusion.probabilities),
    }
    _component(data=data, key=key)
