"""The tutorial's CIFAR-10 recipe as a plain Keras script, run in a process of its own by ``benchmarks.cifar10``.

Arguments: the folder of CIFAR-10 in ``CNN_HOME``, and the seed. It trains on the same images as the job and evaluates
on the same validation images after each epoch, so both do the same work. Everything else is as in the tutorial: float
arrays divided by 255, batches of 32, 4 epochs. Only tf.data's autotuning is off. It prints "ready", waits for a line,
trains, and prints a line of JSON.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from cnn.data.tf_data_options import without_autotune


def main(folder: Path, seed: int) -> None:
    """Train, evaluate on the test images, and save."""
    keras.utils.set_random_seed(seed)
    images, labels = np.load(folder / "train.images.npy"), np.load(folder / "train.labels.npy")
    validation = np.load(folder / "validation.npy")
    training = np.setdiff1d(np.arange(len(labels)), validation)
    _without_autotune()
    print("ready", flush=True)
    input()
    train_images, val_images = (images[part].astype("float32") / 255 for part in (training, validation))
    test_images = np.load(folder / "test.images.npy").astype("float32") / 255
    test_labels = np.load(folder / "test.labels.npy")
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
    model.fit(train_images, labels[training], epochs=4, validation_data=(val_images, labels[validation]), verbose=0)
    _, accuracy = model.evaluate(test_images, test_labels, verbose=0)
    model.save(folder / "bare.keras")
    (folder / "bare.keras").unlink()
    print(json.dumps({"accuracy": float(accuracy)}), flush=True)


def _without_autotune() -> None:
    """Save the script a wait of up to a minute at the end of an epoch (see ``cnn.data.tf_data_options``).

    The job has no such waits, so the comparison would otherwise favour the job.
    """
    get_tf_dataset = ArrayDataAdapter.get_tf_dataset
    ArrayDataAdapter.get_tf_dataset = lambda adapter: get_tf_dataset(adapter).with_options(without_autotune())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
