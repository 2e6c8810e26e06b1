"""Networks of any Keras, as other programs save them, for the tests of bringing them in."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def randomise(model: Any, seed: int = 0) -> Any:
    """Give a network random weights, also those of batch normalisation, whose order in a file is easily mixed up."""
    random = np.random.default_rng(seed)
    for layer in _leaves(model):
        # Of batch normalisation: gamma, beta, moving mean and moving variance; gamma may be missing.
        ranges = [(0.5, 1.5), (0, 0.5), (-0.2, 0.2), (0.5, 1.5)]
        before, weights = layer.get_weights(), []
        for weight, (low, high) in zip(before, ranges[-len(before) :] if before else [], strict=True):
            if type(layer).__name__ == "Normalization":
                weights.append(weight)  # a mean and a variance of pixels, above zero
            elif weight.ndim == 1 and "BatchNormalization" in type(layer).__name__:
                weights.append(random.uniform(low, high, weight.shape))
            elif weight.ndim <= 1:
                weights.append(random.uniform(-0.1, 0.1, weight.shape))
            else:
                inputs = np.prod(weight.shape[:2] if "Depthwise" in type(layer).__name__ else weight.shape[:-1])
                weights.append(random.normal(0, (2 / inputs) ** 0.5, weight.shape))
        layer.set_weights(weights)
    return model


def _leaves(model: Any) -> list[Any]:
    leaves = []
    for layer in model.layers:
        leaves += _leaves(layer) if hasattr(layer, "layers") else [layer]
    return leaves


def images(shape: tuple[int, int, int], count: int = 3) -> np.ndarray:
    """Noise, each image of another brightness: uint8 (count, *shape)."""
    random, highest = np.random.default_rng(1), np.linspace(40, 255, count).astype(int)
    return np.stack([random.integers(0, high, shape, dtype=np.uint8) for high in highest])


def dogs_vs_cats(keras: ModuleType, side: int = 160, *, frozen: bool = True) -> Any:
    """The tutorial's last network, with random weights."""
    base = keras.applications.MobileNetV2(input_shape=(side, side, 3), include_top=False, weights=None)
    model = randomise(keras.Sequential([base, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)]))
    base.trainable = not frozen
    return model


def saved(model: Any, path: Path) -> Path:
    """Save a network; gives the path."""
    model.save(path)
    return path
