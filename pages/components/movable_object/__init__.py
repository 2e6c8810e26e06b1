"""An object that is dragged across a picture, with the answers of networks computed beforehand for every position."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnn.analysis.evaluation.shifts import ObjectPositions
from cnn.figures.mosaic import png
from pages.components import browser_component
from pages.components.data_uri import png_data_uri
from pages.components.probabilities import shorten_probabilities

_HTML = """
<div class="drag">
  <div class="picture">
    <canvas tabindex="0" role="slider" aria-label="Place of the object" aria-valuemin="0" aria-orientation="horizontal">
    </canvas>
    <p class="hint">Drag it, or use the arrow keys.</p>
  </div>
  <div class="answers">
    <div class="rows"></div>
    <svg viewBox="0 0 480 190" role="img"></svg>
  </div>
</div>
"""
_component = browser_component(Path(__file__).parent, _HTML, ["../percent", "movable_object"])


class Answers(NamedTuple):
    """A network's name, and its probabilities for the object at every position: float32 (P, classes)."""

    network: str
    probabilities: np.ndarray


def movable_object(
    objects: ObjectPositions, networks: Sequence[Answers], class_names: Sequence[str], *, key: str
) -> None:
    """Show the object in the middle of the training positions; the browser returns nothing."""
    strip = np.concatenate(list(objects.images))
    data = {
        "fingerprint": f"{objects.label} {hash(strip.tobytes())}",
        "side": objects.images.shape[1],
        "strip": png_data_uri(png(strip)),
        "centres": objects.centres.tolist(),
        "trueLabel": objects.label,
        "classes": list(class_names),
        "networks": [
            {"name": answers.network, "probabilities": shorten_probabilities(answers.probabilities)}
            for answers in networks
        ],
    }
    _component(data=data, key=key)
