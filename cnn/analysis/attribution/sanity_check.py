"""Does an explanation notice when the network forgets? The sanity check of Adebayo et al. (2018), arXiv:1810.03292.

Layers are given new random weights from the top down. A picture that stays the same shows the image, not the network.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

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


def forget(model: "keras.Model", seed: int = 0) -> Iterator[str]:
    """Let a model forget what it learned, in place, from the top down.

    Yields:
        One of ``stages``, once it and all layers above it have random weights, the top layer first. The random weights
        have the mean and spread of the learned ones, so that only what was learned is gone.
    """
    random = np.random.default_rng(seed)
    shown = stages(model)
    for layer in reversed([layer for layer in model.layers if layer.weights]):
        # Shuffled: the same numbers at other places; variances stay above zero.
        layer.set_weights([random.permutation(weight.ravel()).reshape(weight.shape) for weight in layer.get_weights()])
        if layer.name in shown:
            yield layer.name


def similarity(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation of two maps (h, w), -1..1; 0 where one of them is the same everywhere."""
    from scipy.stats import spearmanr

    if min(np.ptp(first), np.ptp(second)) == 0:
        return 0.0
    return float(spearmanr(first, second, axis=None).statistic)


def compare_while_forgetting(
    model: "keras.Model", explaining: Callable[["keras.Model"], Callable[[], np.ndarray]], seed: int = 0
) -> Iterator[tuple[str, np.ndarray, float]]:
    """(layer, the explanation once it and all above it are random, its similarity to the first) from the top down.

    Args:
        model: stays as it is; a copy forgets.
        explaining: gets that copy, once, and makes what gives its explanation (h, w) at any moment.
    """
    import keras

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    explain = explaining(copy)
    first = explain()
    for layer in forget(copy, seed):
        now = explain()
        yield layer, now, similarity(first, now)
