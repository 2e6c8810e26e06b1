"""Integrated gradients, with as many steps as it takes until they add up to what the score has gained.

Source: Sundararajan et al. (2017), arXiv:1703.01365; its section 5 recommends to choose the steps by this gap.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cnn.analysis.attribution.score import (
    check_arguments,
    gradients_at_once,
    input_gradient,
    most_gradients,
    score_function,
)

if TYPE_CHECKING:
    import keras

FIRST_STEPS = 64
LARGEST_GAP = 0.02


class IntegratedGradients(NamedTuple):
    """The contribution of every pixel to what a class's score gains on the way from a black image.

    Attributes:
        maps: float32 (N, H, W), contributions, summed over the channels.
        gains: float32 (N,), the score of the image minus that of a black image.
        steps: int64 (N,), into how many steps the way was divided.
    """

    maps: np.ndarray
    gains: np.ndarray
    steps: np.ndarray

    @property
    def gaps(self) -> np.ndarray:
        """By how much the contributions miss the gain, as a fraction of it: float64 (N,), 0 or more."""
        sums, gains = self.maps.sum(axis=(1, 2), dtype=np.float64), self.gains.astype(np.float64)
        return np.abs(sums - gains) / np.maximum(np.abs(gains), np.finfo(np.float32).tiny)


def integrated_gradients(model: "keras.Model") -> Callable[[np.ndarray, int], IntegratedGradients]:
    """Build a function that computes integrated gradients; keep it, because it is compiled.

    Steps are doubled, from ``FIRST_STEPS``, until the gap is at most ``LARGEST_GAP`` or twice as many would be more
    than ``most_gradients``, for each image by itself. They are shorter near black, where scores change fastest: the
    place on the way is the square of what the trapezoidal rule integrates over, which uses all earlier places again.

    Returns:
        (uint8 (N, H, W, C), 0-255; class index) -> ``IntegratedGradients``. It raises ModelError for other images or an
        unknown class.
    """
    import tensorflow as tf

    rescale, score = score_function(model)
    shape, at_once, limit = tuple(model.input_shape[1:]), gradients_at_once(model), most_gradients(model)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec(shape, tf.uint8),
            tf.TensorSpec((), tf.int32),
        ]
    )
    def contributions(roots: Any, image: Any, class_index: Any) -> tuple[Any, Any]:
        """The integrand where the square root of the place is one of ``roots``, added up, (H, W), and the scores."""
        black, whole = rescale(tf.zeros_like(image)[None]), rescale(image[None])
        roots = roots[:, None, None, None]
        gradients, scores = input_gradient(score, black + roots**2 * (whole - black), class_index)
        return tf.reduce_sum(2 * roots * (whole - black) * gradients, axis=(0, 3)), scores

    def integrate(image: np.ndarray, class_index: int) -> IntegratedGradients:
        ends, scores = contributions(tf.constant([0.0, 1.0]), image, class_index)
        gain, total, steps = float(scores[1] - scores[0]), np.asarray(ends, np.float64) / 2, FIRST_STEPS
        roots = np.arange(1, steps) / steps
        while True:
            for start in range(0, len(roots), at_once):
                batch = roots[start : start + at_once].astype(np.float32)
                total += np.asarray(contributions(batch, image, class_index)[0])
            result = IntegratedGradients(
                (total / steps).astype(np.float32)[None], np.array([gain], np.float32), np.array([steps])
            )
            if result.gaps[0] <= LARGEST_GAP or 2 * steps > limit:
                return result
            roots = (np.arange(steps) + 0.5) / steps
            steps *= 2

    def attribute(images: np.ndarray, class_index: int) -> IntegratedGradients:
        check_arguments(model, images, class_index)
        single = [integrate(image, class_index) for image in images]
        return IntegratedGradients(*(np.concatenate(parts) for parts in zip(*single, strict=True)))

    return attribute
