"""The optimiser of a run with its learning-rate schedule."""

from typing import Any

import keras

from cnn.training.config import TrainConfig


def build_optimizer(config: TrainConfig, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """A new optimiser, with the schedule spread over all of the run's steps."""
    rate, decay = _learning_rate(config, steps_per_epoch * config.epochs), config.weight_decay or None
    match config.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, weight_decay=decay)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    return keras.optimizers.Adam(rate, weight_decay=decay)


def _learning_rate(config: TrainConfig, steps: int) -> Any:
    if config.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(config.learning_rate, steps)
    if config.schedule == "one-cycle":
        # Smith & Topin (2018), arXiv:1708.07120: up for a fifth of the run, then down along a cosine.
        warmup_steps = max(1, steps // 5)
        return keras.optimizers.schedules.CosineDecay(
            config.learning_rate / 10,
            max(1, steps - warmup_steps),
            warmup_target=config.learning_rate,
            warmup_steps=warmup_steps,
        )
    return float(config.learning_rate)  # Keras refuses an int
