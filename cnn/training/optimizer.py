"""The optimiser of a run with its learning-rate schedule."""

from typing import Any

import keras

from cnn.training.config import TrainConfig


def optimizer(config: TrainConfig, steps: int) -> keras.optimizers.Optimizer:
    """A new optimiser.

    Args:
        steps: batches an epoch.
    """
    rate, decay = _rate(config, steps * config.epochs), config.weight_decay or None
    match config.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, weight_decay=decay)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    return keras.optimizers.Adam(rate, weight_decay=decay)


def _rate(config: TrainConfig, total: int) -> Any:
    if config.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(config.learning_rate, total)
    if config.schedule == "one-cycle":
        # Smith & Topin (2018), arXiv:1708.07120: up for a fifth of the run, then down along a cosine.
        up = max(1, total // 5)
        return keras.optimizers.schedules.CosineDecay(
            config.learning_rate / 10, max(1, total - up), warmup_target=config.learning_rate, warmup_steps=up
        )
    return float(config.learning_rate)  # Keras refuses an int
