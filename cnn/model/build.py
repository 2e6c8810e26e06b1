"""An architecture as a Keras model: its layers between the input, with the one rescaling of 0-255, and the logits."""

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

# A following ReLU makes the scale redundant; with Keras' momentum of 0.99 a run of few epochs ends before it settles.
NORMALIZATION = {"momentum": 0.9, "scale": False}


def build(
    architecture: Architecture,
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    seed: int = 0,
    dtype: str = "float32",
) -> "keras.Model":
    """A new Keras model with random weights.

    Args:
        input_shape: (height, width, channels) of its images, which are uint8, 0-255.
        num_classes: number of logits; the model ends in them, without softmax.
        seed: the same seed gives the same weights.
        dtype: a Keras dtype policy, "float32" or "mixed_bfloat16"; logits are always float32.

    Returns:
        A functional model whose layers are named in network order (conv_1, pool_1, dense_1, logits, ...).

    Raises:
        ConfigError: a layer is impossible; the sentence says which one, what reaches it and how to mend it.
    """
    import keras

    infer_shapes(architecture, input_shape)
    counter: dict[str, int] = {}

    def name(stem: str) -> str:
        counter[stem] = counter.get(stem, 0) + 1
        return f"{stem}_{counter[stem]}"

    def initializer() -> "keras.Initializer":
        counter["seed"] = counter.get("seed", 0) + 1
        return keras.initializers.GlorotUniform(seed=seed * 1000 + counter["seed"])

    def normalize(x: Any) -> Any:
        return keras.layers.BatchNormalization(**NORMALIZATION, name=name("norm"), dtype=dtype)(x)

    def activate(x: Any, function: str) -> Any:
        return keras.layers.Activation(function, name=name("activation"), dtype=dtype)(x)

    def convolve(x: Any, layer: Convolution) -> Any:
        x = keras.layers.Conv2D(
            layer.filters,
            layer.size,
            strides=layer.strides,
            dilation_rate=layer.dilation,
            padding=layer.padding,
            activation=None if layer.batch_norm else layer.activation,
            use_bias=layer.bias and not layer.batch_norm,
            kernel_initializer=initializer(),
            name=name("conv"),
            dtype=dtype,
        )(x)
        return activate(normalize(x), layer.activation) if layer.batch_norm else x

    def apply(x: Any, layer: Layer) -> Any:
        match layer:
            case Convolution():
                return convolve(x, layer)
            case Residual(filters):
                block = Convolution(filters, padding="same", batch_norm=True)
                shortcut = x
                if x.shape[-1] != filters:
                    shortcut = convolve(x, Convolution(filters, 1, activation="linear", bias=False))
                x = normalize(convolve(convolve(x, block), Convolution(filters, 3, 1, 1, "same", "linear", bias=False)))
                return activate(keras.layers.Add(name=name("add"), dtype=dtype)([x, shortcut]), "relu")
            case Pooling(operation, size):
                pool = keras.layers.MaxPooling2D if operation == "max" else keras.layers.AveragePooling2D
                return pool(size, name=name("pool"), dtype=dtype)(x)
            case GlobalPooling(operation):
                pools = {"max": keras.layers.GlobalMaxPooling2D, "average": keras.layers.GlobalAveragePooling2D}
                return pools[operation](name=name("global_pool"), dtype=dtype)(x)
            case BatchNormalization():
                return normalize(x)
            case Activation(function):
                return activate(x, function)
            case Flatten():
                return keras.layers.Flatten(name=name("flatten"), dtype=dtype)(x)
            case Dense(units, activation, bias):
                return keras.layers.Dense(
                    units, activation, bias, kernel_initializer=initializer(), name=name("dense"), dtype=dtype
                )(x)
            case Dropout(rate):
                return keras.layers.Dropout(rate, seed=seed, name=name("dropout"), dtype=dtype)(x)

    inputs = keras.Input(input_shape, dtype="uint8", name="image")
    scale, offset = (1 / 255, 0.0) if architecture.rescaling == "unit" else (1 / 127.5, -1.0)
    x = keras.layers.Rescaling(scale, offset, name="rescaling", dtype=dtype)(inputs)
    for layer in architecture.layers:
        x = apply(x, layer)
    if len(x.shape) > 2:
        x = keras.layers.Flatten(name=name("flatten"), dtype=dtype)(x)
    logits = keras.layers.Dense(num_classes, kernel_initializer=initializer(), name="logits", dtype="float32")(x)
    return keras.Model(inputs, logits, name=_keras_name(architecture.name))


def _keras_name(name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in name) or "own"
