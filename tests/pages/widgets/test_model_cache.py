"""Repeated requests for maps and heatmaps do not fill the server's memory."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
REQUESTS = 500
MEGABYTES = 20  # usual growth is below 2; keeping all maps takes 140, recompiling every time 28
# In a new process: objects left by other tests would hide a leak, or look like one.
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

leaked = [] if "leak" in sys.argv else None
cards = [store.card(id) for id in ("cifar10-tutorial", "digits-tutorial", "shapes-tutorial")]
random = np.random.default_rng(0)


def request(count, grad_cam):
    for index in range(count):
        card = cards[index % len(cards)]
        image = random.integers(0, 256, card.input_shape, np.uint8)
        if grad_cam:
            heat = heatmaps._attribution(card, "grad-cam", None)(image[None], index % 8)[0]
            picture = evidence(image, heat)
        else:
            maps = model_cache.outputs_of_every_layer(card, image)
            picture = [overview(maps[layer][0]) for layer in map_layers(model_cache.keras_model(card))]
        if leaked is not None:
            leaked.append((image, picture, None if grad_cam else maps))


def memory():
    gc.collect()
    return psutil.Process().memory_info().rss


for grad_cam in (False, True):
    request(30, grad_cam)  # loads and compiles
before = memory()
for grad_cam in (False, True):
    request(int(sys.argv[1]), grad_cam)
print((memory() - before) / 1e6)
"""


def memory_growth(*arguments: str) -> float:
    """Growth of a new process's memory over all requests, in megabytes."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return float(done.stdout.split()[-1])


def test_a_thousand_requests_to_three_models_leak_nothing() -> None:
    assert memory_growth(str(REQUESTS)) < MEGABYTES


def test_the_measurement_would_notice_a_leak() -> None:
    assert memory_growth(str(REQUESTS), "leak") > MEGABYTES
