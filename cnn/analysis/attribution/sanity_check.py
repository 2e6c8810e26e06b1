"""The sanity check for attributions by Adebayo et al. (2018), arXiv:1810.03292: cascading randomisation.

Layers get random weights from the top down. An attribution that stays the same depends on the image, not the network.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

MAX_STAGES = 24


def stages(model: "keras.Model") -> list[str]:
    """The layers after which to compare, from the top down: all with weights, or ``MAX_STAGES`` evenly spaced ones.

    Frozen layers count too: what a base learned earlier can be randomised as well.
    """
    layers = [layer.name for layer in model.layers if layer.weights][::-1]
    indices = np.linspace(0, len(layers) - 1, min(MAX_STAGES, len(layers))).round().astype(int)
    return [layers[i] for i in indices]


def randomise_layers(model: "keras.Model", seed: int = 0) -> Iterator[str]:
    """Randomise the weights of a model in place, layer by layer from the top down.

    Yields:
        Each of ``stages`` once it and all layers above it are randomised. Weights are shuffled, so that they keep their
        mean and spread and only what was learned is lost.
    """
    random = np.random.default_rng(seed)
    names = stages(model)
    for layer in reversed([layer for layer in model.layers if layer.weights]):
        # Shuffling also keeps the variances of batch normalisation above zero.
        layer.set_weights([random.permutation(weight.ravel()).reshape(weight.shape) for weight in layer.get_weights()])
        if layer.name in names:
            yield layer.name


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation of two maps (h, w), -1..1; 0 if one of them is constant."""
    from scipy.stats import spearmanr

    if min(np.ptp(first), np.ptp(second)) == 0:
        return 0.0
    return float(spearmanr(first, second, axis=None).statistic)


def cascading_randomisation(
    model: "keras.Model", build_attribution: Callable[["keras.Model"], Callable[[], np.ndarray]], seed: int = 0
) -> Iterator[tuple[str, np.ndarray, float]]:
    """Compare an attribution with that of the learned network while layers are randomised from the top down.

    Args:
        model: not modified; a copy is randomised.
        build_attribution: called once with that copy; returns a function that computes the current attribution (h, w).

    Yields:
        (layer, the attribution once it and all layers above it are random, its rank correlation with the original).
    """
    import keras

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    attribute = build_attribution(copy)
    original = attribute()
    for layer in randomise_layers(copy, seed):
        randomised = attribute()
        yield layer, randomised, rank_correlation(original, randomised)
