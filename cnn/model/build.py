"""Builds the Keras model of an architecture, with the input, the only rescaling of 0-255, and the logits around it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnn.model.architectures import (
    Activation,
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalPooling,
    Layer,
    Pooling,
    Residual,
)
from cnn.model.shape_inference import infer_shapes

if TYPE_CHECKING:
    import keras

# A following ReLU makes the scale redundant; at Keras' default momentum of 0.99 the moving averages of a short run
# would not settle before it ends.
NORMALIZATION = {"momentum": 0.9, "scale": False}


@dataclass(frozen=True)
class _Numbering:
    """The seed and dtype policy of one model, and running numbers for the names and seeds of its layers."""

    seed: int
    dtype: str
    counts: Counter[str] = field(default_factory=Counter)

    def options(self, stem: str) -> dict[str, str]:
        """Name and dtype policy of the next Keras layer whose name starts with ``stem``."""
        return {"name": f"{stem}_{self._next(stem)}", "dtype": self.dtype}

    def initializer(self) -> "keras.Initializer":
        """An initializer with a seed of its own, so that layers of equal shape start from different weights."""
        import keras

        return keras.initializers.GlorotUniform(seed=self.seed * 1000 + self._next("seed"))

    def dropout_seed(self) -> int:
        """A seed of its own for the next dropout layer; with a common one, layers of equal size would drop alike."""
        # Above the seeds of initializers, of which a network of at most 40 layers has fewer than 500.
        return self.seed * 1000 + 500 + self._next("dropout seed")

    def _next(self, stem: str) -> int:
        self.counts[stem] += 1
        return self.counts[stem]


def build(
    architecture: Architecture,
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    seed: int = 0,
    dtype: str = "float32",
) -> "keras.Model":
    """Build a new Keras model with random weights.

    Args:
        input_shape: (height, width, channels) of the input images, which are uint8, 0-255.
        num_classes: number of logits; the model outputs them without softmax.
        seed: the same seed gives the same weights.
        dtype: a Keras dtype policy, "float32" or "mixed_bfloat16"; logits are always float32.

    Returns:
        A functional model whose layers are named in network order (conv_1, pool_1, dense_1, logits, ...).

    Raises:
        ConfigError: a layer is impossible; the message names the layer, its input and a remedy.
    """
    import keras

    infer_shapes(architecture, input_shape)
    numbering = _Numbering(seed, dtype)
    inputs = keras.Input(input_shape, dtype="uint8", name="image")
    scale, offset = (1 / 255, 0.0) if architecture.rescaling == "unit" else (1 / 127.5, -1.0)
    x = keras.layers.Rescaling(scale, offset, name="rescaling", dtype=dtype)(inputs)
    for layer in architecture.layers:
        x = _apply(layer, x, numbering)
    if len(x.shape) > 2:
        x = keras.layers.Flatten(**numbering.options("flatten"))(x)
    logits = keras.layers.Dense(
        num_classes, kernel_initializer=numbering.initializer(), name="logits", dtype="float32"
    )(x)
    return keras.Model(inputs, logits, name=_keras_name(architecture.name))


def _apply(layer: Layer, x: Any, numbering: _Numbering) -> Any:
    import keras

    match layer:
        case Convolution():
            return _convolve(layer, x, numbering)
        case Residual(filters):
            return _add_residual(filters, x, numbering)
        case Pooling(operation, size):
            pooling = keras.layers.MaxPooling2D if operation == "max" else keras.layers.AveragePooling2D
            return pooling(size, **numbering.options("pool"))(x)
        case GlobalPooling(operation):
            pooling = keras.layers.GlobalMaxPooling2D if operation == "max" else keras.layers.GlobalAveragePooling2D
            return pooling(**numbering.options("global_pool"))(x)
        case BatchNormalization():
            return _normalize(x, numbering)
        case Activation(function):
            return _activate(function, x, numbering)
        case Flatten():
            return keras.layers.Flatten(**numbering.options("flatten"))(x)
        case Dense(units, activation, bias):
            initializer = numbering.initializer()
            return keras.layers.Dense(
                units, activation, bias, kernel_initializer=initializer, **numbering.options("dense")
            )(x)
        case Dropout(rate):
            return keras.layers.Dropout(rate, seed=numbering.dropout_seed(), **numbering.options("dropout"))(x)


def _convolve(layer: Convolution, x: Any, numbering: _Numbering) -> Any:
    import keras

    x = keras.layers.Conv2D(
        layer.filters,
        layer.size,
        strides=layer.strides,
        dilation_rate=layer.dilation,
        padding=layer.padding,
        activation=None if layer.batch_norm else layer.activation,
        use_bias=layer.bias and not layer.batch_norm,
        kernel_initializer=numbering.initializer(),
        **numbering.options("conv"),
    )(x)
    return _activate(layer.activation, _normalize(x, numbering), numbering) if layer.batch_norm else x


def _add_residual(filters: int, x: Any, numbering: _Numbering) -> Any:
    import keras

    shortcut = x
    if x.shape[-1] != filters:
        shortcut = _convolve(Convolution(filters, 1, activation="linear", bias=False), x, numbering)
    x = _convolve(Convolution(filters, padding="same", batch_norm=True), x, numbering)
    x = _convolve(Convolution(filters, padding="same", activation="linear", bias=False), x, numbering)
    x = _normalize(x, numbering)
    return _activate("relu", keras.layers.Add(**numbering.options("add"))([x, shortcut]), numbering)


def _normalize(x: Any, numbering: _Numbering) -> Any:
    import keras

    return keras.layers.BatchNormalization(**NORMALIZATION, **numbering.options("norm"))(x)


def _activate(function: str, x: Any, numbering: _Numbering) -> Any:
    import keras

    return keras.layers.Activation(function, **numbering.options("activation"))(x)


def _keras_name(name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in name) or "own"
