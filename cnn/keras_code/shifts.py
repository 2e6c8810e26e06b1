"""Writes a script that measures accuracy on shifted, mirrored and pixel-shuffled CIFAR-10 test images."""


def shifts_code(columns: int, seed: int) -> str:
    """A script that measures a network's accuracy on the original, shifted, mirrored and shuffled images.

    Args:
        columns: shift to the right in pixels.
        seed: seed of the pixel permutation that the network was trained with.
    """
    return f"""\
import keras
import numpy as np
import tensorflow_datasets as tfds

data = tfds.load("cifar10", split="test", as_supervised=True, batch_size=-1)
images, labels = tfds.as_numpy(data)
model = keras.models.load_model("my_network.keras")


def shifted(images, columns):
    # Moved to the right by whole pixels; what comes in at the edge repeats it.
    source = np.clip(np.arange(images.shape[2]) - columns, 0, images.shape[2] - 1)
    return images[:, :, source]


order = np.random.default_rng([{seed}, 2]).permutation(images.shape[1] * images.shape[2])
changed = {{
    "as they are": images,
    "moved by {columns} pixels": shifted(images, {columns}),
    "mirrored": images[:, :, ::-1],
    # Only for a network that has learned from images shuffled in the same way.
    "shuffled": images.reshape(len(images), -1, images.shape[3])[:, order].reshape(images.shape),
}}
for name, given in changed.items():
    answers = model.predict(given, verbose=0).argmax(axis=1)
    print(f"{{name}}: {{100 * np.mean(answers == labels):.1f}} % right")
"""
