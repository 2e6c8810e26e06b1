"""Pretrained convolutional bases for transfer learning, and the new head that is trained on them.

There are two: MobileNetV2, whose weights are on disk or downloaded once a visitor agrees, and one that comes with this
app. Neither is nested as a layer of another model, so feature maps and explanations have access to every layer.
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
        name: our name for it, as in settings and on disk.
        learned_from: what it was pretrained on, phrased to follow "learned from".
        side: height and width of its RGB input images, in pixels.
        volume: (height, width, channels) of its output for one image, the feature volume.
        layers: number of layers, including the input and the rescaling.
        parameters: number of parameters.
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
        """(height, width, channels) of its input images."""
        return (self.side, self.side, 3)

    @property
    def features(self) -> int:
        """Number of features of an image, one per map after global pooling."""
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


def network_title_on(base: str) -> str:
    """What people call a new head on one of ``BASES``."""
    title = BASES[base].title.removeprefix("the ")
    return f"{title[0].upper()}{title[1:]} with a new head"


def has_weights(name: str) -> bool:
    """Whether ``base_model(name)`` works without a download."""
    return name != "mobilenet_v2" or weights_file().is_file()


def best_available_base() -> Base:
    """The best base whose weights are on this machine."""
    return next(base for base in BASES.values() if has_weights(base.name))


def base_model(name: str, *, weights: bool = True) -> "keras.Model":
    """A frozen base as a Keras model from images to its feature volume.

    Args:
        name: one of ``BASES``.
        weights: load MobileNetV2's pretrained weights; otherwise they are random. The built-in base always has its own.

    Returns:
        A model from uint8 (N, side, side, 3), 0-255, to float32 (N, h, w, channels), including the rescaling.

    Raises:
        ModelError: there is no such base, or its weights are missing from this machine or damaged.

    Source: Sandler et al. (2018), arXiv:1801.04381; ``keras.applications.MobileNetV2``.
    """
    if name not in BASES:
        raise ModelError(f"There is no base called “{name[:40]}”. Choose one of: {', '.join(BASES)}.")
    model = _mobilenet(weights) if name == "mobilenet_v2" else _built_in()
    model.trainable = False
    return model


def with_head(base: "keras.Model", num_classes: int, *, seed: int = 0) -> "keras.Model":
    """A base with global pooling and a new dense head: one logit for two classes, otherwise one per class.

    Args:
        base: returned by ``base_model``.
        seed: the same seed gives the same initial weights.

    Returns:
        A model from uint8 (N, side, side, 3), 0-255, to logits, float32 (N, 1 or num_classes).
    """
    import keras

    pooled = pooling(base)(base.output)
    logits = head(base.output.shape[-1], num_classes, seed=seed)(pooled)
    return keras.Model(base.inputs, logits, name="transfer")


def pooling(base: "keras.Model") -> "keras.Layer":
    """The global pooling a base was trained with: (N, h, w, channels) -> (N, channels)."""
    import keras

    kind = keras.layers.GlobalAveragePooling2D if base.name == "mobilenet_v2" else keras.layers.GlobalMaxPooling2D
    return kind(name=POOL)


def head(features: int, num_classes: int, *, seed: int = 0) -> "keras.Layer":
    """A new output layer: float32 (N, features) -> logits (N, 1 or num_classes)."""
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
    inputs, pixels = _rescaled_input(BASES["mobilenet_v2"])
    try:
        # Not weights="imagenet", with which Keras would download without asking.
        full = keras.applications.MobileNetV2(
            input_tensor=pixels, include_top=False, weights=str(file) if weights else None
        )
    except Exception as error:  # HDF5 and Keras document no exceptions for unusable files
        raise ModelError(
            f"The file of MobileNetV2's weights is damaged. Delete {file}, and fetch it again on the Transfer learning "
            "page."
        ) from error
    return keras.Model(inputs, full.output, name="mobilenet_v2")


def _built_in() -> "keras.Model":
    """The model ``BUILT_FROM`` up to its last feature maps, without global pooling and logits."""
    import keras

    trained = store.load(BUILT_FROM)
    last_maps = next(layer for layer in reversed(trained.layers) if len(layer.output.shape) == 4)
    return keras.Model(trained.inputs, last_maps.output, name="built_in")


def _rescaled_input(base: Base) -> tuple[Any, Any]:
    import keras

    inputs = keras.Input(base.input_shape, dtype="uint8", name="image")
    return inputs, keras.layers.Rescaling(1 / 127.5, -1.0, name="rescaling")(inputs)
