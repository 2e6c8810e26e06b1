"""Estimates of how long a run will take, shown before it is started."""

import math
import statistics

from cnn.data import catalog
from cnn.data.datasets import validation_indices
from cnn.errors import CnnError
from cnn.jobs.events import MOST_EPOCHS
from cnn.jobs.record import MOST_SECONDS, jobs
from cnn.model.fine_tuning import fine_tuning_ladder
from cnn.model.layer_costs import multiply_adds
from cnn.stored_files import mapping, number, read_object, whole
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import features_file

# Fixed seconds of a job (loading, tracing, saving, testing), multiply-adds per second in training, and a fixed overhead
# per image in multiply-adds, because small layers cannot keep a core busy. With these, convolutional networks of 4 to
# 216 million multiply-adds took 0.6 to 1.1 times the estimate. The speed is that of two AVX2 cores, half that of two
# with AVX-512; it is used only until this machine has finished a run of its own.
FIXED_SECONDS = 2.0
MULTIPLY_ADDS_PER_SECOND = 95e9
OVERHEAD_PER_IMAGE = 10e6
# RandAugment works out all of its eleven changes; 0.4 microseconds for each number of an image, measured at sizes from
# 32 x 32 x 3 to 64 x 64 x 3 as time of the processor.
RAND_AUGMENT_PER_NUMBER = 40e3
# For transfer learning, measured on the same cores: reading an image and running a base on it; training a head on it.
SECONDS_PER_BASE_IMAGE = {"mobilenet_v2": 0.0036, "built-in": 0.0009}
SECONDS_PER_HEAD_IMAGE = 3e-5
TRANSFER_FIXED_SECONDS, TUNING_FIXED_SECONDS = 4.0, 12.0


def seconds(config: TrainConfig) -> float:
    """Expected seconds of a job on a prepared data set: from this machine's finished runs, else from arithmetic."""
    return FIXED_SECONDS + _multiply_adds_of_run(config, config.epochs) / _multiply_adds_per_second(config)


def transfer_seconds(config: TransferConfig) -> float:
    """Expected seconds of a transfer-learning job on a prepared data set; less if its features are on disk."""
    (train, test), per_image = catalog.counts(config.dataset), SECONDS_PER_BASE_IMAGE[config.base]
    seconds = TRANSFER_FIXED_SECONDS + config.head_epochs * train * SECONDS_PER_HEAD_IMAGE
    if not features_file(config.dataset, config.base).is_file():
        seconds += (train + test) * per_image
    if config.tuned_layers:
        # Forward through all layers, back through those that learn, at twice the cost of forward.
        fraction = next(
            (rung.fraction for rung in fine_tuning_ladder(config.base) if rung.layers >= config.tuned_layers), 1.0
        )
        seconds += config.tuning_epochs * train * per_image * (1 + 2 * fraction) + TUNING_FIXED_SECONDS
    return seconds


def _multiply_adds_of_run(config: TrainConfig, epochs: int) -> float:
    """Multiply-adds of a run with the overhead per image; training takes about three times those of prediction."""
    info = catalog.info(config.dataset)
    per_image = multiply_adds(config.network, config.input_shape, len(info.class_names)) + OVERHEAD_PER_IMAGE
    train, test = catalog.counts(config.dataset)
    validation = len(validation_indices(train, info.validation))
    images = config.training_images or train - validation
    variation = math.prod(config.input_shape) * RAND_AUGMENT_PER_NUMBER if config.variation.rand_augment else 0
    return per_image * (epochs * (3 * images + validation) + test) + variation * epochs * images


def _multiply_adds_per_second(config: TrainConfig) -> float:
    """The median speed of this machine's latest finished runs, of the same network and data set if there are any."""
    same: list[float] = []
    others: list[float] = []
    for job in jobs(kind="train", states=["finished"])[:30]:
        try:
            card = read_object(job.folder / "card.json")
            past, duration = TrainConfig.from_dict(mapping(card, "config")), number(card, "seconds", 0, MOST_SECONDS)
            work = _multiply_adds_of_run(past, whole(card, "epochs", 0, MOST_EPOCHS))
        except CnnError:
            continue
        if work <= 0:
            continue
        speed = work / max(0.5, duration - FIXED_SECONDS)
        alike = (past.architecture, past.dataset) == (config.architecture, config.dataset)
        (same if alike else others).append(speed)
    return statistics.median(same or others or [MULTIPLY_ADDS_PER_SECOND])
