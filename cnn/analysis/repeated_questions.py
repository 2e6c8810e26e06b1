"""What asking a network many times changes in it: nothing, which is counted here weight by weight."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnn.model.predict import Predict

if TYPE_CHECKING:
    import keras


class Repetition(NamedTuple):
    """A network before and after it was asked again and again.

    Attributes:
        first: float32 (classes,), its probabilities for the first time.
        last: float32 (classes,), for the last time.
        weights: how many numbers it is made of.
        changed: how many of them differ from before.
    """

    first: np.ndarray
    last: np.ndarray
    weights: int
    changed: int


def ask_again(model: "keras.Model", predict: Predict, image: np.ndarray, times: int) -> Repetition:
    """Show a network one image again and again, and compare it with what it was.

    Args:
        predict: of ``model``.
        image: uint8 (H, W, C), of its input's size.
        times: how often, at least 1.
    """
    before = [np.array(weight) for weight in model.get_weights()]
    answers = [predict(image[None])[0] for _ in range(times)]
    changed = sum(int((earlier != now).sum()) for earlier, now in zip(before, model.get_weights(), strict=True))
    return Repetition(answers[0], answers[-1], sum(weight.size for weight in before), changed)
