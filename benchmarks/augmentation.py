"""Augmentation as training does it, beside the ImageDataGenerator of the tutorial, with the same settings."""

import statistics
import time

import numpy as np

from benchmarks.harness.reporting import figure, spread
from cnn.training.config import recipe
from cnn.training.pipeline import Examples, training_batches

IMAGES, BATCH, ROUNDS = 8_000, 32, 5


def run() -> None:
    """Print how many times as fast the app's pipeline is."""
    import tensorflow as tf

    images = np.random.default_rng(0).integers(0, 256, (IMAGES, 32, 32, 3), np.uint8)
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=40,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.2,
        zoom_range=0.2,
        horizontal_flip=True,
        fill_mode="nearest",
    )
    config = recipe("cifar10", "tutorial", augmentation="tutorial", epochs=1, batch_size=BATCH)
    examples = Examples(images, np.arange(IMAGES), np.zeros(IMAGES, np.int64))

    def ours() -> None:
        for _ in training_batches(config, examples, 0):
            pass

    def theirs() -> None:
        batches = generator.flow(images.astype("float32"), batch_size=BATCH)
        for _ in range(IMAGES // BATCH):
            next(batches)

    speeds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS + 1):
        for name, function in (("ours", ours), ("theirs", theirs)):
            started = time.perf_counter()
            function()
            speeds[name].append(IMAGES / (time.perf_counter() - started))
    ratios = [one / other for one, other in zip(speeds["ours"][1:], speeds["theirs"][1:], strict=True)]
    figure("augmentation against ImageDataGenerator: images a second", statistics.median(ratios), "", at_least=1.5)
    print(f"    {spread(ratios)}; ours, images/s: {spread(speeds['ours'][1:])}; theirs: {spread(speeds['theirs'][1:])}")
