"""Transfer learning: a base that has learned to see on many images, and a small new head for the classes at hand.

Two bases: MobileNetV2, whose weights are found on disk or fetched when a person agrees, and one that comes with this
app. Both are built un-nested, so that feature maps and explanations reach every layer.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnn.errors import ModelError
from cnn.model import store
from cnn.model.mobilenet_weights import weights_file

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


def has_weights(name: str) -> bool:
    """Whether ``base_model(name)`` needs no download."""
    return name != "mobilenet_v2" or weights_file().is_file()


def best_available_base() -> Base:
    """The best base whose weights are on this machine."""
    return next(base for base in BASES.values() if has_weights(base.name))


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
