"""The tutorial's cats_vs_dogs recipe as a plain Keras script, run in a process of its own by ``benchmarks.transfer``.

Arguments: TFDS' data folder, and the seed. As in the tutorial: splits of 80/10/10, photos scaled to -1..1 and resized
to 160 x 160, batches of 32 after a shuffle buffer of 1,000, MobileNetV2 frozen, RMSprop at 1e-4, 3 epochs. Evaluated on
the test photos at the end. Only tf.data's autotuning is off. It prints "ready", waits for a line, trains, and prints a
line of JSON.
"""

import json
import sys
import tempfile
from pathlib import Path

import keras
import tensorflow as tf
import tensorflow_datasets as tfds

from cnn.data.tf_data_options import without_autotune

SIDE = 160


def main(folder: str, seed: int) -> None:
    """Train, evaluate on the test photos, and save."""
    keras.utils.set_random_seed(seed)
    print("ready", flush=True)
    input()
    splits = ["train[:80%]", "train[80%:90%]", "train[90%:]"]
    read_config = tfds.ReadConfig(try_autocache=False, options=without_autotune())
    parts = tfds.load("cats_vs_dogs", split=splits, as_supervised=True, data_dir=folder, read_config=read_config)
    train, validation, test = (part.map(_prepare) for part in parts)
    train, validation, test = train.shuffle(1000).batch(32), validation.batch(32), test.batch(32)
    base = keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), include_top=False, weights="imagenet")
    base.trainable = False
    model = keras.Sequential([base, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=1e-4),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        # The tutorial's "accuracy" would compare logits with 0.5.
        metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
        jit_compile=False,
    )
    model.evaluate(validation, steps=20, verbose=0)
    model.fit(train, epochs=3, validation_data=validation, verbose=0)
    _, accuracy = model.evaluate(test, verbose=0)
    with tempfile.TemporaryDirectory() as target:
        model.save(Path(target) / "dogs_vs_cats.keras")
    print(json.dumps({"accuracy": float(accuracy)}), flush=True)


def _prepare(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.image.resize(tf.cast(image, tf.float32) / 127.5 - 1, (SIDE, SIDE)), label


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
