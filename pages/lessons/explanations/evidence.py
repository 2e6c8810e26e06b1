"""Which class the evidence is for, and evidence drawn over an image."""

import numpy as np

from cnn.figures.heatmap import draw_heatmap
from pages.widgets import linked_inputs
from pages.widgets.selected_image import SelectedImage

ANSWER = "its answer"


def choose_class(hand: SelectedImage) -> int:
    """Which class's score is asked about; the answer itself, whatever it is, until another is chosen."""
    names = hand.card.class_names
    wanted = linked_inputs.choice(
        "explain.class", "Evidence for", {ANSWER: ANSWER} | {name: name for name in names}, width=240
    )
    return int(hand.probabilities.argmax()) if wanted == ANSWER else names.index(wanted)


def draw_evidence(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Evidence over an image. Of heat for every pixel the brightest hundredth is drawn alike, as Smilkov et al. (2017)
    do: else a few pixels of a large picture outshine all others."""
    brightest = float(np.percentile(heat, 99)) if heat.shape == image.shape[:2] else 0.0
    return draw_heatmap(image, np.minimum(heat, brightest) if brightest > 0 else heat)
