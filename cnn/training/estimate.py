"""How long a run will take and may take, said before the click."""

import json
import math
import os
import statistics

from cnn.data import catalog
from cnn.errors import CnnError
from cnn.model.arithmetic import multiply_adds
from cnn.training.config import TrainConfig
from cnn.training.record import jobs

# Fixed seconds of a job (loading, tracing, saving, the test) and multiply-adds a second while training, measured with
# the tutorial's network on two AVX2 cores; they only serve until this machine has finished a run of its own.
FIXED_SECONDS = 2.0
MULTIPLY_ADDS_A_SECOND = 27e9


def seconds(config: TrainConfig) -> float:
    """Expected seconds of the whole job, data set prepared: from this machine's finished runs, else from arithmetic."""
    return FIXED_SECONDS + _work(config, config.epochs) / _speed(config)


def max_seconds_per_job() -> float:
    """How long one attempt of a job may run: ``CNN_JOB_SECONDS``, an hour if not set."""
    return float(os.environ.get("CNN_JOB_SECONDS", "3600"))


def _work(config: TrainConfig, epochs: int) -> float:
    """Multiply-adds of a run: training takes about three times those of answering."""
    info = catalog.info(config.dataset)
    each = multiply_adds(config.network, config.input_shape, len(info.class_names))
    images = config.training_images or info.train - info.held_out
    return each * (epochs * (3 * images + info.held_out) + info.test)


def _speed(config: TrainConfig) -> float:
    """Multiply-adds a second of this machine's last finished runs, those of the same network first."""
    same: list[float] = []
    others: list[float] = []
    for job in jobs(kind="train", states=["finished"])[:30]:
        try:
            card = json.loads((job.folder / "card.json").read_text())
            done = TrainConfig.from_dict(card["config"])
            work, taken = _work(done, int(card["epochs"])), float(card["seconds"])
        except (OSError, ValueError, KeyError, TypeError, CnnError):
            continue
        if work <= 0 or not math.isfinite(taken):
            continue
        speed = work / max(0.5, taken - FIXED_SECONDS)
        alike = (done.architecture, done.dataset) == (config.architecture, config.dataset)
        (same if alike else others).append(speed)
    return statistics.median(same or others or [MULTIPLY_ADDS_A_SECOND])
