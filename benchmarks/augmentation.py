"""Augmentation as training does it, beside the ImageDataGenerator of the tutorial, with the same settings."""

import statistics
import time

import numpy as np

from benchmarks.harness.reporting import format_spread, print_result
from cnn.training.config import recipe
from cnn.training.pipeline import Examples, training_batches

IMAGES, BATCH, ROUNDS = 8_000, 32, 5


def run() -> None:
    """Print the app's speed as a multiple of the generator's."""
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

    def augment_with_app() -> None:
        for _ in training_batches(config, examples, 0):
            pass

    def augment_with_generator() -> None:
        batches = generator.flow(images.astype("float32"), batch_size=BATCH)
        for _ in range(IMAGES // BATCH):
            next(batches)

    speeds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS + 1):
        for name, function in (("ours", augment_with_app), ("theirs", augment_with_generator)):
            started = time.perf_counter()
            function()
            speeds[name].append(IMAGES / (time.perf_counter() - started))
    app_speeds, generator_speeds = speeds["ours"][1:], speeds["theirs"][1:]  # without the warm-up round
    ratios = [ours / theirs for ours, theirs in zip(app_speeds, generator_speeds, strict=True)]
    print_result(
        "augmentation against ImageDataGenerator: images a second", statistics.median(ratios), "", at_least=1.5
    )
    print(f"    {format_spread(ratios)}; ours, images/s: {format_spread(app_speeds)}; ", end="")
    print(f"theirs: {format_spread(generator_speeds)}")
