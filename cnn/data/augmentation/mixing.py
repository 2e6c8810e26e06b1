"""Mixing the images of a batch and their labels with Keras' own layers: MixUp and CutMix."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnn.data.augmentation.keras_layers import at_step, to_uint8

_STREAMS = {"MixUp": 14, "CutMix": 15}  # those below are the augmenter's


def layer_seed(layer: str, seed: int) -> int:
    """The seed of a Keras layer, "MixUp" or "CutMix", that the seed of a run stands for."""
    return seed * 16 + _STREAMS[layer]


def mixer(mix_up: float, cut_mix: float, seed: int) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
    """A function that mixes a batch with itself, for use in a tf.data pipeline.

    Each image is mixed with another one of its batch, and its label with that one's in the same proportion.

    Args:
        mix_up: 0..1; each image is a weighted mean of two, with weights from Beta(mix_up, mix_up); 0 for never. Source:
            Zhang et al. (2018), "mixup: Beyond empirical risk minimization".
        cut_mix: 0..1; a rectangle of each image comes from another, its area from Beta(a, a) with an ``a`` up to
            ``cut_mix``; 0 for never. Source: Yun et al. (2019), "CutMix".
        seed: together with the batch number it determines every random draw.

    Returns:
        (images uint8 tensor (N, H, W, C), labels float32 tensor (N, classes), batch_number int64 scalar) -> images and
        labels of the same shapes and dtypes; labels still add up to 1.
    """
    import keras

    # Keras' seed generators are variables, so they are made here and not while tf.data traces ``mix``.
    layers = []
    if mix_up:
        layers.append(keras.layers.MixUp(mix_up, seed=layer_seed("MixUp", seed)))
    if cut_mix:
        layers.append(keras.layers.CutMix(cut_mix, seed=layer_seed("CutMix", seed)))

    def mix(images: Any, labels: Any, batch_number: Any) -> tuple[Any, Any]:
        for layer in layers:
            mixed = at_step(layer, batch_number)({"images": images, "labels": labels})
            images, labels = to_uint8(mixed["images"]), mixed["labels"]
        return images, labels

    return mix


def mix_images(
    images: np.ndarray, labels: np.ndarray, mix_up: float, cut_mix: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mix a batch with exactly the steps that training uses.

    Args:
        images: uint8 (N, H, W, C).
        labels: float32 (N, classes), one-hot.
        mix_up, cut_mix, seed: as in ``mixer``.

    Returns:
        uint8 (N, H, W, C) and float32 (N, classes).
    """
    import tensorflow as tf

    mixed = mixer(mix_up, cut_mix, seed)(tf.constant(images), tf.constant(labels), tf.constant(0, tf.int64))
    return np.asarray(mixed[0]), np.asarray(mixed[1])
