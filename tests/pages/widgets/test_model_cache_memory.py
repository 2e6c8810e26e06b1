"""Looking inside again and again does not fill the server's memory."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
REQUESTS = 500
MEGABYTES = 20  # it grows by less than 2; keeping all maps takes 140, compiling anew each time 28
# In a Python of its own: what other tests have left in this one would hide a leak, or look like one.
PROGRAM = """
import gc
import logging
import sys

import numpy as np
import psutil

logging.disable(logging.WARNING)
from cnn.analysis.activations.feature_maps import map_layers
from cnn.figures.heatmap import evidence
from cnn.figures.feature_maps import overview
from cnn.model import store
from pages.lessons.explanations import heatmaps
from pages.widgets import model_cache

kept = [] if "leak" in sys.argv else None
cards = [store.card(id) for id in ("cifar10-tutorial", "digits-tutorial", "shapes-tutorial")]
random = np.random.default_rng(0)


def ask(requests, grad_cam):
    for number in range(requests):
        card = cards[number % len(cards)]
        image = random.integers(0, 256, card.input_shape, np.uint8)
        if grad_cam:
            heat = heatmaps._attribution(card, "grad-cam", None)(image[None], number % 8)[0]
            picture = evidence(image, heat)
        else:
            maps = model_cache.every_number(card, image)
            picture = [overview(maps[layer][0]) for layer in map_layers(model_cache.keras_model(card))]
        if kept is not None:
            kept.append((image, picture, None if grad_cam else maps))


def memory():
    gc.collect()
    return psutil.Process().memory_info().rss


for grad_cam in (False, True):
    ask(30, grad_cam)  # loads and compiles
before = memory()
for grad_cam in (False, True):
    ask(int(sys.argv[1]), grad_cam)
print((memory() - before) / 1e6)
"""


def grown(*arguments: str) -> float:
    """Megabytes by which the memory of a new process grows."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return float(done.stdout.split()[-1])


def test_a_thousand_requests_over_three_models_leave_nothing() -> None:
    assert grown(str(REQUESTS)) < MEGABYTES


def test_the_measurement_would_notice_what_is_kept() -> None:
    assert grown(str(REQUESTS), "leak") > MEGABYTES
