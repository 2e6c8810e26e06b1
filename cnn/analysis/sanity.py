"""Does an explanation notice when the network forgets? The sanity check of Adebayo et al. (2018), arXiv:1810.03292.

Layers are given new random weights from the top down. A picture that stays the same shows the image, not the network.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import keras


STAGES = 24


def stages(model: "keras.Model") -> list[str]:
    """The layers at which to look, from the top down: all that have weights, or ``STAGES`` of them evenly.

    Also those that did not learn in the last training: what a frozen base has learned before can be forgotten too.
    """
    layers = [layer.name for layer in model.layers if layer.weights][::-1]
    places = np.linspace(0, len(layers) - 1, min(STAGES, len(layers))).round().astype(int)
    return [layers[place] for place in places]


def forgetting(model: "keras.Model", seed: int = 0) -> Iterator[tuple[str, "keras.Model"]]:
    """Copies of a model that forgot more and more, made one by one.

    Yields:
        (one of ``stages``, copy in which it and all layers above it have random weights), the top layer first. The
        random weights have the mean and spread of the learned ones, so that only what was learned is gone.
    """
    import keras

    random = np.random.default_rng(seed)
    weights = {layer.name: layer.get_weights() for layer in model.layers}
    shown = stages(model)
    for layer in reversed([layer for layer in model.layers if layer.weights]):
        for number, weight in enumerate(weights[layer.name]):
            # Shuffled: the same numbers at other places; variances stay above zero.
            weights[layer.name][number] = random.permutation(weight.ravel()).reshape(weight.shape)
        if layer.name not in shown:
            continue
        copy = keras.models.clone_model(model)
        for each in copy.layers:
            each.set_weights(weights[each.name])
        yield layer.name, copy


def similarity(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation of two maps (h, w), -1..1; 0 where one of them is the same everywhere."""
    ranks = [pd.Series(each.ravel()).rank().to_numpy() for each in (first, second)]
    if min(np.ptp(each) for each in ranks) == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def noticed(
    model: "keras.Model", explain: Callable[["keras.Model"], np.ndarray], seed: int = 0
) -> Iterator[tuple[str, np.ndarray, float]]:
    """(layer, the explanation once it and all above it are random, its similarity to the first) from the top down.

    Args:
        explain: gives a model's explanation (h, w).
    """
    first = explain(model)
    for layer, copy in forgetting(model, seed):
        now = explain(copy)
        yield layer, now, similarity(first, now)
