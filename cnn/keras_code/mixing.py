"""Writes the mixing of a batch as Keras code."""

from collections.abc import Sequence


def mixing_code(layer: str, amount: float, labels: Sequence[int], classes: int, seed: int) -> str:
    """Python code that computes ``mixed``: the same pictures and labels as the app, from the unpacked ``batch.zip``.

    Args:
        layer: "MixUp" or "CutMix".
        amount: the layer's first argument, 0..1.
        labels: the class of each picture, from 0.
        classes: how many classes there are.
        seed: of the layer.

    Source: Keras documentation, "Image augmentation layers".
    """
    numbers = ", ".join(map(str, labels))
    return f"""\
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

images = np.stack([np.asarray(Image.open(file)) for file in sorted(Path("batch").glob("*.png"))])
images = images.reshape(*images.shape[:3], -1)  # pictures, height, width, channels
# A label as a row of fractions, one a class.
labels = keras.utils.to_categorical([{numbers}], {classes})
mixed = layers.{layer}({amount}, seed={seed})({{"images": images, "labels": labels}})
pictures = np.asarray(mixed["images"]).round().astype("uint8")
print(np.asarray(mixed["labels"]).round(2))
"""
