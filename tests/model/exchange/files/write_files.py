"""Writes small model files with the TensorFlow that runs it, and what its networks answer, as ``tensorflow-2.X.zip``.

Each zip beside this script was written by the version in its name, from the root of the project, in an environment of
its own:

    python3.11 -m venv older
    older/bin/pip install tensorflow-cpu==2.12.1
    older/bin/python -m tests.model.exchange.files.write_files

with ``tensorflow-cpu`` 2.12.1, 2.13.1 and 2.15.1, which bring the Keras 2 of the same number, and with 2.16.2 and
``keras==3.0.5``, 2.18.1 and ``keras==3.6.0``, 2.20.0 and ``keras==3.11.3``.

A zip holds ``versions.json`` (TensorFlow, Keras, and what could not be written), and of each network NAME.h5 and
NAME.keras, as ``model.save`` writes them, with 2.12 NAME.v3.keras, too, and NAME.npz: images, uint8 (3, H, W, 3);
answers, float32 (3, classes); and the number of parameters.
"""

import io
import json
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tensorflow as tf

from tests.model.exchange.foreign_models import images, randomise

# Layers that only act in training, with their arguments; those that a version has are put in front of a network. Not
# Equalization, with which Keras 3.11 cannot build a longer one ("part of a cycle").
AUGMENTATION: dict[str, tuple[Any, ...]] = {
    "RandomFlip": ("horizontal",),
    "RandomRotation": (0.1,),
    "RandomZoom": (0.1,),
    "RandomTranslation": (0.1, 0.1),
    "RandomContrast": (0.2,),
    "RandomBrightness": (0.2,),
    "RandomHeight": (0.1,),
    "RandomWidth": (0.1,),
    "RandomColorDegeneration": (0.2,),
    "RandomColorJitter": (),
    "RandomElasticTransform": (),
    "RandomErasing": (),
    "RandomGaussianBlur": (),
    "RandomGrayscale": (),
    "RandomHue": (0.1,),
    "RandomInvert": (),
    "RandomPerspective": (),
    "RandomPosterization": (4,),
    "RandomSaturation": (0.2,),
    "RandomSharpness": (0.2,),
    "RandomShear": (0.1, 0.1),
    "RandAugment": (),
    "AugMix": (),
    "CutMix": (),
    "MixUp": (),
    "Solarization": (),
}


def sequential(k: Any) -> Any:
    """One layer after the other, of an oblong image, ending in softmax."""
    start = [k.Input((20, 24, 3)), k.layers.Rescaling(1 / 127.5, -1.0)]
    convolutions = [
        k.layers.Conv2D(6, 3, padding="same", use_bias=False, kernel_regularizer=k.regularizers.L2(1e-4)),
        k.layers.BatchNormalization(),
        k.layers.ReLU(),
        k.layers.DepthwiseConv2D(3, strides=2, padding="same"),
        k.layers.LeakyReLU(),
        k.layers.MaxPooling2D(2),
        k.layers.SpatialDropout2D(0.1),
        k.layers.SeparableConv2D(8, 3, activation="relu"),
        k.layers.GaussianNoise(0.1),
    ]
    end = [k.layers.GlobalAveragePooling2D(), k.layers.Dropout(0.3), k.layers.Dense(4, activation="softmax")]
    return randomise(k.Sequential([*start, *convolutions, *end]))


def functional(k: Any) -> Any:
    """Branches, one convolution that is used twice, and a score of its own for two classes."""
    inputs = k.Input((16, 20, 3), name="photo")
    normalisation = k.layers.Normalization()
    normalisation.adapt(images((16, 20, 3)).astype(np.float32))
    x = k.layers.ZeroPadding2D(((0, 1), (0, 1)))(normalisation(inputs))
    x = k.layers.Conv2D(6, 3, strides=2, activation="swish")(x)
    shared = k.layers.Conv2D(6, 3, padding="same", name="shared")
    y = k.layers.PReLU(shared_axes=[1, 2])(shared(shared(x)))
    z = k.layers.ELU()(k.layers.LayerNormalization()(x))
    merging = (k.layers.Add, k.layers.Multiply, k.layers.Average, k.layers.Maximum, k.layers.Minimum)
    x = k.layers.Concatenate()([k.layers.Subtract()([x, z]), *(merge()([x, y]) for merge in merging)])
    x = k.layers.Conv2D(8, 1, groups=2)(x)
    x = k.layers.BatchNormalization(epsilon=1e-5, momentum=0.9)(x)
    x = k.layers.AveragePooling2D(2)(k.layers.Activation("relu")(x))
    flat = k.layers.Flatten()(k.layers.Reshape((2, 10, 8))(x))
    x = k.layers.Concatenate()([flat, k.layers.GlobalMaxPooling2D()(x)])
    return randomise(k.Model(inputs, k.layers.Activation("sigmoid")(k.layers.Dense(1)(x))))


def nested(k: Any) -> Any:
    """As the tutorial ends: a base within, its first layers frozen, and a head; trained for a step."""
    inputs = k.Input((24, 24, 3))
    x = inputs
    for filters in (4, 6):
        x = k.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = k.layers.ReLU(6.0)(k.layers.BatchNormalization()(x))
    base = k.Model(inputs, x, name="base")
    scale = k.layers.Rescaling(1 / 255)
    end = [k.layers.GlobalAveragePooling2D(), k.layers.Dropout(0.2), k.layers.Dense(3)]
    model = randomise(k.Sequential([k.Input((24, 24, 3)), scale, base, *end]))
    for layer in base.layers[:3]:
        layer.trainable = False
    model.compile(k.optimizers.RMSprop(1e-4), k.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images((24, 24, 3)).astype(np.float32), np.arange(3), verbose=0)
    return model


def parts(k: Any) -> Any:
    """Functional, of parts that have one layer with weights, or none."""
    inputs = k.Input((16, 16, 3))
    augmentation = k.Sequential([k.layers.RandomFlip(), k.layers.RandomRotation(0.1)], name="augmentation")
    x = k.layers.Rescaling(1 / 127.5, offset=-1)(augmentation(inputs))
    x = k.Sequential([k.layers.Conv2D(5, 3, activation="relu")], name="convolution")(x)
    x = k.Sequential([k.layers.BatchNormalization()], name="normalisation")(x)
    x = k.layers.GlobalAveragePooling2D()(x)
    return randomise(k.Model(inputs, k.Sequential([k.layers.Dense(5), k.layers.Softmax()], name="head")(x)))


def augmented(k: Any) -> Any:
    """Every layer of this version that only acts in training, before a small network."""
    random = [getattr(k.layers, kind)(*values) for kind, values in AUGMENTATION.items() if hasattr(k.layers, kind)]
    end = [k.layers.Conv2D(3, 3), k.layers.GlobalAveragePooling2D(), k.layers.Dense(3)]
    return randomise(k.Sequential([k.Input((16, 16, 3)), *random, k.layers.Rescaling(1 / 255), *end]))


NETWORKS: dict[str, Callable[[Any], Any]] = {
    "sequential": sequential,
    "functional": functional,
    "nested": nested,
    "parts": parts,
    "augmented": augmented,
}


FORMS: dict[str, dict[str, str]] = {"h5": {}, "keras": {}}
if tf.__version__.startswith("2.12."):  # it writes HDF5 into NAME.keras, and a zip only if asked for one
    FORMS["v3.keras"] = {"save_format": "keras_v3"}


def write(target: Path) -> dict[str, Any]:
    """Write the zip of this version; gives its ``versions.json``."""
    keras = tf.keras
    versions: dict[str, Any] = {"tensorflow": tf.__version__, "keras": version("keras"), "not written": {}}
    with TemporaryDirectory() as name, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for network, build in NETWORKS.items():
            model = build(keras)
            batch = images(model.input_shape[1:])
            answers = np.asarray(model(batch.astype(np.float32), training=False))
            arrays = io.BytesIO()
            np.savez_compressed(arrays, images=batch, answers=answers, parameters=model.count_params())
            archive.writestr(f"{network}.npz", arrays.getvalue())
            for ending, options in FORMS.items():
                file = Path(name) / f"{network}.{ending}"
                try:
                    model.save(file, **options)
                except Exception as error:  # some versions cannot write what they can build
                    versions["not written"][file.name] = str(error).splitlines()[0]
                    continue
                archive.write(file, file.name)
        archive.writestr("versions.json", json.dumps(versions, indent=1))
    return versions


if __name__ == "__main__":
    _version = ".".join(tf.__version__.split(".")[:2])
    _target = Path(__file__).with_name(f"tensorflow-{_version}.zip")
    print(write(_target), f"{_target.stat().st_size / 1000:.0f} kB")
