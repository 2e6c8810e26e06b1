"""How long a run will take and may take, said before the click."""

import json
import math
import statistics

from cnn.data import catalog
from cnn.data.datasets import validation_indices
from cnn.errors import CnnError
from cnn.jobs.record import jobs
from cnn.model.fine_tuning import fine_tuning_ladder
from cnn.model.layer_costs import multiply_adds
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import features_file

# Fixed seconds of a job (loading, tracing, saving, the test), multiply-adds a second while training, and as how many an
# image counts besides, because small layers keep no core busy: so convolutional networks of 4 to 216 million
# multiply-adds took 0.6 to 1.1 times what is said. The speed is that of two AVX2 cores, half that of two with AVX-512;
# it only serves until this machine has finished a run of its own.
FIXED_SECONDS = 2.0
MULTIPLY_ADDS_A_SECOND = 95e9
MULTIPLY_ADDS_BESIDES = 10e6
# Of transfer learning, measured on the same: reading an image and running a base over it, a step of the head an image.
SECONDS_A_LOOK = {"mobilenet_v2": 0.0036, "built-in": 0.0009}
SECONDS_A_HEAD_STEP = 3e-5
TRANSFER_FIXED_SECONDS, TUNING_FIXED_SECONDS = 4.0, 12.0


def seconds(config: TrainConfig) -> float:
    """Expected seconds of the whole job, data set prepared: from this machine's finished runs, else from arithmetic."""
    return FIXED_SECONDS + _work(config, config.epochs) / _speed(config)


def _work(config: TrainConfig, epochs: int) -> float:
    """Multiply-adds of a run, with those besides: training takes about three times those of answering."""
    info = catalog.info(config.dataset)
    each = multiply_adds(config.network, config.input_shape, len(info.class_names))
    train, test = catalog.counts(config.dataset)
    held_out = len(validation_indices(train, info.validation))
    images = config.training_images or train - held_out
    return (each + MULTIPLY_ADDS_BESIDES) * (epochs * (3 * images + held_out) + test)


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


def transfer_seconds(config: TransferConfig) -> float:
    """Expected seconds of a run of transfer learning, data set prepared; less where the features are kept already."""
    (train, test), look = catalog.counts(config.dataset), SECONDS_A_LOOK[config.base]
    seconds = TRANSFER_FIXED_SECONDS + config.head_epochs * train * SECONDS_A_HEAD_STEP
    if not features_file(config.dataset, config.base).is_file():
        seconds += (train + test) * look
    if config.tuned_layers:
        # Forward through everything, back through what learns, which costs twice as much as forward.
        share = next(
            (rung.share for rung in fine_tuning_ladder(config.base) if rung.layers >= config.tuned_layers), 1.0
        )
        seconds += config.tuning_epochs * train * look * (1 + 2 * share) + TUNING_FIXED_SECONDS
    return seconds
