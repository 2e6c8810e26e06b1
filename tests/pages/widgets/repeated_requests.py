"""Request maps and heatmaps many times, and print by how many megabytes this process has grown.

``python -m tests.pages.widgets.repeated_requests <count> [leak]``; with ``leak`` every result is kept.
"""

import gc
import logging
import sys

import numpy as np
import psutil

from cnn.analysis.activations.feature_maps import map_layers
from cnn.analysis.attribution.heat_borders import heat_borders
from cnn.figures.feature_maps import overview
from cnn.figures.heatmap import draw_heatmap
from cnn.model import store
from pages.lessons.explanations import heatmaps
from pages.widgets import model_cache

CARDS = [store.card(id) for id in ("cifar10-tutorial", "digits-tutorial", "shapes-tutorial")]


def request(count: int, random: np.random.Generator, *, grad_cam: bool, leaked: list[object] | None = None) -> None:
    """Request the maps, or the heatmap, of ``count`` random images, in turn from the three models."""
    for index in range(count):
        card = CARDS[index % len(CARDS)]
        image = random.integers(0, 256, card.input_shape, np.uint8)
        maps = None
        if grad_cam:
            heat = heatmaps._attribution(card, "grad-cam", None)(image[None], index % 8)[0]
            borders = heat_borders(model_cache.keras_model(card), "grad-cam")
            pictures = [draw_heatmap(image, heat, borders)]
        else:
            maps = model_cache.outputs_of_every_layer(card, image)
            pictures = [overview(maps[layer][0]) for layer in map_layers(model_cache.keras_model(card))]
        if leaked is not None:
            leaked.append((image, pictures, maps))


def memory() -> int:
    """Bytes of memory that this process uses."""
    gc.collect()
    return psutil.Process().memory_info().rss


def main() -> None:
    """Measure the growth."""
    logging.disable(logging.WARNING)
    random = np.random.default_rng(0)
    leaked: list[object] | None = [] if "leak" in sys.argv else None
    for grad_cam in (False, True):
        request(30, random, grad_cam=grad_cam)  # loads and compiles
    before = memory()
    for grad_cam in (False, True):
        request(int(sys.argv[1]), random, grad_cam=grad_cam, leaked=leaked)
    print((memory() - before) / 1e6)


if __name__ == "__main__":
    main()
