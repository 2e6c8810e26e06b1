"""SmoothGrad: the mean of the gradients of noisy copies of an image, of as many as it takes.

Source: Smilkov et al. (2017), arXiv:1706.03825.
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

FIRST_SAMPLES = 24
NOISE = 0.15
LEAST_RELIABILITY = 0.9


class SmoothGradients(NamedTuple):
    """The size of the mean gradient at every pixel, and how much of it is chance.

    Attributes:
        maps: float32 (N, H, W), at least 0: the largest over the channels.
        reliabilities: float64 (N,), -1..1: how a map of as many other samples is expected to correlate with this one.
        samples: int64 (N,), how many noisy copies the mean is of.
    """

    maps: np.ndarray
    reliabilities: np.ndarray
    samples: np.ndarray


def smooth_gradients(model: "keras.Model") -> Callable[[np.ndarray, int], SmoothGradients]:
    """Build a function that computes SmoothGrad; keep it, because it is compiled.

    Samples are doubled, from ``FIRST_SAMPLES``, until the reliability is at least ``LEAST_RELIABILITY`` or twice as
    many would be more than ``most_gradients``, for each image by itself. The noise is the same for every image, so that
    a link shows the same picture again.

    Returns:
        (uint8 (N, H, W, C), 0-255; class index) -> ``SmoothGradients``. It raises ModelError for other images or an
        unknown class.
    """
    import tensorflow as tf

    rescale, score = score_function(model)
    shape, at_once, limit = tuple(model.input_shape[1:]), gradients_at_once(model), most_gradients(model)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, *shape), tf.float32),
            tf.TensorSpec(shape, tf.uint8),
            tf.TensorSpec((), tf.int32),
        ]
    )
    def gradients_of_copies(noise: Any, image: Any, class_index: Any) -> Any:
        x = rescale(image[None])
        spread = NOISE * (tf.reduce_max(x) - tf.reduce_min(x))
        return input_gradient(score, x + spread * noise, class_index)[0]

    def smooth(image: np.ndarray, class_index: int) -> SmoothGradients:
        random = np.random.default_rng(0)
        halves, samples, wanted = np.zeros((2, *shape)), 0, FIRST_SAMPLES
        while True:
            while samples < wanted:
                noise = random.standard_normal((min(at_once, wanted - samples), *shape), np.float32)
                gradients = np.asarray(gradients_of_copies(noise, image, class_index))
                for half in (0, 1):
                    halves[half] += gradients[(samples + half) % 2 :: 2].sum(axis=0)
                samples += len(noise)
            reliability = split_half_reliability(_size(halves[0]), _size(halves[1]))
            if reliability >= LEAST_RELIABILITY or 2 * samples > limit:
                mean = _size(halves.sum(axis=0) / samples)
                return SmoothGradients(mean.astype(np.float32)[None], np.array([reliability]), np.array([samples]))
            wanted = 2 * samples

    def attribute(images: np.ndarray, class_index: int) -> SmoothGradients:
        check_arguments(model, images, class_index)
        single = [smooth(image, class_index) for image in images]
        return SmoothGradients(*(np.concatenate(parts) for parts in zip(*single, strict=True)))

    return attribute


def split_half_reliability(first: np.ndarray, second: np.ndarray) -> float:
    """The correlation to expect between two means of all samples, from those of one half and of the other.

    Args:
        first, second: of the same shape, from separate halves of the samples.

    Returns:
        -1..1; 1 if both are constant and equal, 0 if one is constant.

    Source: Spearman (1910) and Brown (1910), British Journal of Psychology 3: 2 r / (1 + r).
    """
    if min(np.ptp(first), np.ptp(second)) == 0:
        return float(np.array_equal(first, second))
    correlation = float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    return 2 * correlation / (1 + correlation) if correlation > 0 else correlation


def _size(gradient: np.ndarray) -> np.ndarray:
    """(H, W, C) -> (H, W): the largest absolute value over the channels."""
    return np.abs(gradient).max(axis=2)
