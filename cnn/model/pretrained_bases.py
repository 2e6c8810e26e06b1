"""Transfer learning: a base that has learned to see on many images, and a small new head for the classes at hand.

Two bases: MobileNetV2, whose weights are found on disk or fetched when a person agrees, and one that comes with this
app. Both are built un-nested, so that feature maps and explanations reach every layer.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn.errors import ModelError
from cnn.model import store

if TYPE_CHECKING:
    import keras

BUILT_FROM = "cifar10-resnet"
HEAD = "logits"
POOL = "global_pool"


@dataclass(frozen=True)
class Base:
    """A pretrained convolutional base.

    Attributes:
        name: ours, as in settings and on disk.
        learned_from: what it has learned to see on, to follow "learned from".
        side: height and width of the RGB images it takes, in pixels.
        volume: (height, width, channels) of what it makes of one image, its feature volume.
        layers: how many it has, with the input and the rescaling.
        parameters: how many weights it has.
    """

    name: str
    title: str
    learned_from: str
    side: int
    volume: tuple[int, int, int]
    layers: int
    parameters: int

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of its images."""
        return (self.side, self.side, 3)

    @property
    def features(self) -> int:
        """How many numbers an image becomes once each map is pooled to one."""
        return self.volume[2]


BASES = {
    base.name: base
    for base in (
        Base(
            "mobilenet_v2",
            "MobileNetV2",
            "1.3 million photos of 1,000 kinds of things · ImageNet",
            160,
            (5, 5, 1280),
            155,
            2_257_984,
        ),
        Base(
            "built-in",
            "the built-in base",
            "45,000 tiny photos of ten things · CIFAR-10, by this project",
            32,
            (4, 4, 144),
            35,
            838_080,
        ),
    )
}
WEIGHTS_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5"
WEIGHTS_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/{WEIGHTS_FILE}"
WEIGHTS_BYTES = 9_406_464


def weights_file() -> Path:
    """Where MobileNetV2's weights are or will be: below ``KERAS_HOME``, or ``~/.keras``, as Keras itself has it."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / WEIGHTS_FILE


def is_here(name: str) -> bool:
    """Whether ``base_model(name)`` needs no download."""
    return name != "mobilenet_v2" or weights_file().is_file()


def best_here() -> Base:
    """The best base whose weights are on this machine."""
    return next(base for base in BASES.values() if is_here(base.name))


def base_model(name: str, *, weights: bool = True) -> "keras.Model":
    """A base as a Keras model, frozen, from images to its feature volume.

    Args:
        name: one of ``BASES``.
        weights: load what it has learned; without, it starts from chance.

    Returns:
        uint8 (N, side, side, 3), 0-255 -> float32 (N, h, w, channels). The rescaling is in it.

    Raises:
        ModelError: there is no such base, or its weights are not on this machine or damaged.

    Source: Sandler et al. (2018), arXiv:1801.04381; ``keras.applications.MobileNetV2``.
    """
    if name not in BASES:
        raise ModelError(f"There is no base called “{name[:40]}”. Choose one of: {', '.join(BASES)}.")
    model = _mobilenet(weights) if name == "mobilenet_v2" else _built_in()
    model.trainable = False
    return model


def with_head(base: "keras.Model", num_classes: int, *, seed: int = 0) -> "keras.Model":
    """A base, each of its maps pooled to one number, and a new dense layer: one logit for two classes, else one each.

    Args:
        base: of ``base_model``.
        seed: the same seed gives the same first weights.

    Returns:
        uint8 (N, side, side, 3), 0-255 -> logits float32 (N, 1 or num_classes).
    """
    import keras

    pooled = pooling(base)(base.output)
    logits = head(base.output.shape[-1], num_classes, seed=seed)(pooled)
    return keras.Model(base.inputs, logits, name="transfer")


def pooling(base: "keras.Model") -> "keras.Layer":
    """The layer that makes (N, channels) of a base's (N, h, w, channels), as the base was trained with."""
    import keras

    kind = keras.layers.GlobalAveragePooling2D if base.name == "mobilenet_v2" else keras.layers.GlobalMaxPooling2D
    return kind(name=POOL)


def head(features: int, num_classes: int, *, seed: int = 0) -> "keras.Layer":
    """The new last layer: float32 (N, features) -> logits (N, 1 or num_classes)."""
    import keras

    return keras.layers.Dense(
        1 if num_classes == 2 else num_classes,
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
        name=HEAD,
        dtype="float32",
    )


def unfreeze(model: "keras.Model", layers: int) -> None:
    """Let the last ``layers`` layers of a model's base learn, and its head; those before stay as they are.

    Batch normalisation stays frozen, and so works with what it has measured before: with the few images of a
    fine-tuning its means would run away from what the layers above have learned.

    Args:
        model: of ``with_head``; changed in place. Compile it afterwards.
        layers: counted from the top of the base, 0 for the head alone.

    Source: TensorFlow documentation, "Transfer learning and fine-tuning".
    """
    import keras

    base = [layer for layer in model.layers if layer.name not in (POOL, HEAD)]
    model.trainable = True
    line = len(base) - layers
    for place, layer in enumerate(base):
        layer.trainable = place >= line and not isinstance(layer, keras.layers.BatchNormalization)


def trainable_parameters(model: "keras.Model") -> int:
    """How many weights of a model learn."""
    return sum(int(weight.shape.num_elements() or 0) for weight in model.trainable_weights)


def _mobilenet(weights: bool) -> "keras.Model":
    import keras

    file = weights_file()
    if weights and not file.is_file():
        raise ModelError(
            "MobileNetV2's weights (9 MB) are not on this machine. Fetch them on the Transfer learning page, or choose "
            "the built-in base."
        )
    inputs, pixels = _pixels(BASES["mobilenet_v2"])
    try:
        # The file's own name, not "imagenet": with that Keras would download in silence.
        full = keras.applications.MobileNetV2(
            input_tensor=pixels, include_top=False, weights=str(file) if weights else None
        )
    except Exception as error:  # HDF5 and Keras raise whatever their parts raise; the file is not usable.
        raise ModelError(
            f"The file of MobileNetV2's weights is damaged. Delete {file}, and fetch it again on the Transfer learning "
            "page."
        ) from error
    return keras.Model(inputs, full.output, name="mobilenet_v2")


def _built_in() -> "keras.Model":
    """``BUILT_FROM`` without its last two layers."""
    import keras

    trained = store.load(BUILT_FROM)
    last = next(layer for layer in reversed(trained.layers) if len(layer.output.shape) == 4)
    return keras.Model(trained.inputs, last.output, name="built_in")


def _pixels(base: Base) -> tuple[Any, Any]:
    import keras

    inputs = keras.Input(base.input_shape, dtype="uint8", name="image")
    return inputs, keras.layers.Rescaling(1 / 127.5, -1.0, name="rescaling")(inputs)


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder of fine-tuning.

    Attributes:
        layers: how many layers of the base learn, counted from its top.
        parameters: weights of the base that learn then.
        share: of the base's multiplications, those of these layers, 0..1.
    """

    layers: int
    parameters: int
    share: float


@cache
def ladder(name: str) -> tuple[Rung, ...]:
    """The rungs that make sense for a base, from its top down: none, a few blocks, everything.

    Args:
        name: one of ``BASES``; its weights need not be here.
    """
    model = with_head(base_model(name, weights=False), 2)
    costs = [_multiplications(layer) for layer in model.layers]
    head = trainable_parameters_at(model, 0)
    steps = (0, 10, 30, 60, 100) if BASES[name].layers > 100 else (0, 8, 16)
    rungs = []
    for layers in (*steps, BASES[name].layers):
        above = costs[BASES[name].layers - layers : BASES[name].layers]
        rungs.append(Rung(layers, trainable_parameters_at(model, layers) - head, sum(above) / sum(costs)))
    return tuple(rungs)


def trainable_parameters_at(model: "keras.Model", layers: int) -> int:
    """How many weights learn after ``unfreeze(model, layers)``, which is done."""
    unfreeze(model, layers)
    return trainable_parameters(model)


def _multiplications(layer: "keras.Layer") -> int:
    """For one image; what is no convolution costs next to nothing."""
    kernel = next(
        (weight for weight in layer.weights if weight.path.endswith("kernel") and len(weight.shape) == 4), None
    )
    if kernel is None:
        return 0
    _, height, width, channels = layer.output.shape
    rows, columns, inputs, filters = kernel.shape
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    return int(height * width * rows * columns * (channels if depthwise else inputs * filters))
