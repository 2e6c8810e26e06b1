"""Writes an augmentation as Keras code."""

import math

from cnn.data.augmentation.settings import FILLS, Augmentation


def layer_lines(settings: Augmentation) -> list[str]:
    """Lines of code with Keras layers for images in 0-255, and comments where these differ from our augmentation.

    Source: Keras documentation, "Image augmentation layers".
    """
    fill = f'fill_mode="{FILLS[settings.fill]}"'
    lines = []
    if settings.flip:
        lines.append('layers.RandomFlip("horizontal"),')
    if settings.flip_vertical:
        lines.append('layers.RandomFlip("vertical"),')
    if settings.shift:
        lines.append(f'layers.RandomTranslation({settings.shift}, {settings.shift}, {fill}, interpolation="nearest"),')
    if settings.rotation:
        lines.append(f"layers.RandomRotation({settings.rotation} / 360, {fill}),")
    if settings.shear:
        slant = round(math.tan(math.radians(settings.shear)), 4)
        lines.append("# To one side only; the app slants to both.")
        lines.append(f"layers.RandomShear(x_factor={slant}, {fill}),")
    if settings.zoom:
        lines.append(f"layers.RandomZoom({settings.zoom}, {fill}),")
    if settings.saturation:
        low, high = round(0.5 - settings.saturation / 2, 4), round(0.5 + settings.saturation / 2, 4)
        lines.append("# 0.5 leaves the colours as they are.")
        lines.append(f"layers.RandomSaturation(({low}, {high}), value_range=(0, 255)),")
    if settings.contrast:
        lines.append(f"layers.RandomContrast({settings.contrast}, value_range=(0, 255)),")
    if settings.brightness:
        lines.append(f"layers.RandomBrightness({settings.brightness}, value_range=(0, 255)),")
    if settings.noise:
        lines.append("# Noise: Keras has no layer for it on images of 0-255.")
    if settings.rand_augment:
        lines.append(f"layers.RandAugment(factor={settings.rand_augment}),")
    if settings.cutout:
        area = f"{settings.cutout}**2"
        lines.append("# Always inside the picture; in the app the square may hang over its edge.")
        lines.append(f"layers.RandomErasing(factor=(1, 1), scale=({area}, {area}), fill_value=128),")
    return lines


def variants_code(settings: Augmentation, seed: int, count: int) -> str:
    """Python code that computes ``varied``: the same ``count`` variants of ``image.png`` that the app shows.

    It ends with the equivalent Keras layers, which draw other random numbers.
    """
    defaults = vars(Augmentation())
    arguments = [f"{name}={value!r}" for name, value in vars(settings).items() if value != defaults[name]]
    lines = "".join(f"        {line}\n" for line in layer_lines(settings))
    layers = f"""
# The same kinds of variation as layers of Keras, which draw other random numbers:
vary = layers.Pipeline(
    [
{lines}    ]
)
"""
    return f"""\
import numpy as np
from keras import layers
from PIL import Image

from cnn.data.augmentation.augmenter import augment_images  # run this in the project's folder
from cnn.data.augmentation.settings import Augmentation

image = np.asarray(Image.open("image.png"))
image = image.reshape(*image.shape[:2], -1)  # height, width, channels
settings = Augmentation({", ".join(arguments)})
varied = augment_images(np.repeat(image[None], {count}, axis=0), settings, seed={seed})
{layers if "layers." in lines else ""}"""
