"""Architectures as data: a frozen list of layers that can be stored, compared, drawn and turned into a Keras model.

An architecture knows nothing of a data set. ``build`` adds what depends on one: the input, the rescaling of 0-255 (so
it can happen only once) and the last dense layer, which gives one logit a class.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from cnn.errors import ConfigError

if TYPE_CHECKING:
    import keras

ACTIVATIONS = ("relu", "gelu", "tanh", "sigmoid", "linear")
MAX_LAYERS = 40
MAX_PARAMETERS = 20_000_000
# A following ReLU makes the scale redundant; with Keras' momentum of 0.99 a run of few epochs ends before it settles.
NORMALIZATION = {"momentum": 0.9, "scale": False}


@dataclass(frozen=True)
class Convolution:
    """A convolutional layer of square filters; ``batch_norm`` puts batch normalisation before the activation."""

    kind: ClassVar[str] = "convolution"
    filters: int
    size: int = 3
    strides: int = 1
    dilation: int = 1
    padding: str = "valid"
    activation: str = "relu"
    batch_norm: bool = False
    bias: bool = True


@dataclass(frozen=True)
class Pooling:
    """Max or average pooling over a square window, stride equal to the window."""

    kind: ClassVar[str] = "pooling"
    operation: str = "max"
    size: int = 2


@dataclass(frozen=True)
class Residual:
    """Two 3x3 convolutions with batch normalisation whose result is added to their input (He et al., 2016)."""

    kind: ClassVar[str] = "residual"
    filters: int


@dataclass(frozen=True)
class BatchNormalization:
    """Batch normalisation (Ioffe & Szegedy, 2015), without the scale that a following ReLU makes redundant."""

    kind: ClassVar[str] = "batch_normalization"


@dataclass(frozen=True)
class Activation:
    """An activation function by itself."""

    kind: ClassVar[str] = "activation"
    function: str = "relu"


@dataclass(frozen=True)
class GlobalPooling:
    """One number a feature map: its average or its maximum."""

    kind: ClassVar[str] = "global_pooling"
    operation: str = "average"


@dataclass(frozen=True)
class Flatten:
    """All feature maps as one list of numbers."""

    kind: ClassVar[str] = "flatten"


@dataclass(frozen=True)
class Dense:
    """A fully connected layer."""

    kind: ClassVar[str] = "dense"
    units: int
    activation: str = "relu"


@dataclass(frozen=True)
class Dropout:
    """Sets a share of the numbers to zero while training (Srivastava et al., 2014)."""

    kind: ClassVar[str] = "dropout"
    rate: float = 0.5


Layer = Convolution | Pooling | Residual | BatchNormalization | Activation | GlobalPooling | Flatten | Dense | Dropout
LAYERS: dict[str, type] = {
    layer.kind: layer
    for layer in (
        Convolution,
        Pooling,
        Residual,
        BatchNormalization,
        Activation,
        GlobalPooling,
        Flatten,
        Dense,
        Dropout,
    )
}


@dataclass(frozen=True)
class Architecture:
    """A network without its input and output.

    Attributes:
        name: a preset's name, or "own".
        layers: from the image side to the output side.
        rescaling: what happens to pixels first: "unit" (0..1, as in the tutorial) or "symmetric" (-1..1).
    """

    name: str
    layers: tuple[Layer, ...]
    rescaling: str = "unit"

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types; ``from_dict`` gives an equal architecture back."""
        return {
            "name": self.name,
            "rescaling": self.rescaling,
            "layers": [{"kind": layer.kind, **asdict(layer)} for layer in self.layers],
        }

    @classmethod
    def from_dict(cls, value: Any) -> "Architecture":
        """The inverse of ``to_dict``.

        Raises:
            ConfigError: not an architecture; says which layer and why.
        """
        try:
            layers = tuple(_layer(number, entry) for number, entry in enumerate(value["layers"], 1))
            return cls(str(value["name"])[:60], layers, str(value["rescaling"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"This is not a stored architecture ({error!r}). Choose a preset instead.") from error


def _layer(number: int, entry: dict[str, Any]) -> Layer:
    kind = LAYERS.get(entry.get("kind", ""))
    if kind is None:
        raise ConfigError(f"Layer {number} is of the unknown kind “{entry.get('kind')}”. Known: {', '.join(LAYERS)}.")
    known = {field.name for field in fields(kind)}
    return kind(**{key: item for key, item in entry.items() if key in known})


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

    check(architecture, input_shape)
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
            case Dense(units, activation):
                return keras.layers.Dense(
                    units, activation, kernel_initializer=initializer(), name=name("dense"), dtype=dtype
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


def check(architecture: Architecture, input_shape: tuple[int, int, int]) -> list[tuple[int, ...]]:
    """The output shape of every layer, without building anything.

    Args:
        input_shape: (height, width, channels).

    Returns:
        One shape a layer, without the batch axis: (h, w, channels) or (numbers,).

    Raises:
        ConfigError: the first impossible layer: which, what reaches it, and the mend.
    """
    if len(architecture.layers) > MAX_LAYERS:
        raise ConfigError(f"This network has {len(architecture.layers)} layers; at most {MAX_LAYERS} are possible.")
    if architecture.rescaling not in ("unit", "symmetric"):
        raise ConfigError(f"Rescaling is “{architecture.rescaling}”; choose unit (0 to 1) or symmetric (-1 to 1).")
    shape: tuple[int, ...] = tuple(input_shape)
    shapes, parameters = [], 0
    for number, layer in enumerate(architecture.layers, 1):
        before = shape
        try:
            shape = output_shape(layer, before)
        except ConfigError as error:
            raise ConfigError(f"Layer {number} ({layer.kind.replace('_', ' ')}): {error}") from error
        parameters += trainable_parameters(layer, before)
        if parameters > MAX_PARAMETERS:
            raise ConfigError(
                f"Layer {number} ({layer.kind}): the network would have over {MAX_PARAMETERS:,} parameters, too many "
                "for this machine. Use fewer filters or units, or pool more before flattening."
            )
        shapes.append(shape)
    return shapes


def output_shape(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that ``layer`` makes of ``shape``, both without the batch axis.

    Raises:
        ConfigError: the layer is impossible there.
    """
    needs_maps = isinstance(layer, Convolution | Pooling | Residual | GlobalPooling)
    if needs_maps and len(shape) != 3:
        raise ConfigError(f"it needs feature maps but gets {shape[0]} plain numbers. Move it before Flatten.")
    match layer:
        case Convolution(filters, size, strides, dilation, padding, activation):
            _whole("filters", filters, 1, 1024)
            _whole("kernel size", size, 1, 15)
            _whole("strides", strides, 1, 8)
            _whole("dilation", dilation, 1, 8)
            _one_of("padding", padding, ("valid", "same"))
            _one_of("activation", activation, ACTIVATIONS)
            _one_of("batch normalisation", layer.batch_norm, (True, False))
            _one_of("bias", layer.bias, (True, False))
            if strides > 1 and dilation > 1:
                raise ConfigError("strides and dilation are both above 1, which Keras refuses. Set one of them to 1.")
            reach = (size - 1) * dilation + 1
            if padding == "valid":
                _fits("the kernel", reach, shape, "Make it smaller, pad with “same”, or pool less before it.")
            return (*(_side(side, reach, strides, padding) for side in shape[:2]), filters)
        case Pooling(operation, size):
            _one_of("pooling", operation, ("max", "average"))
            _whole("window", size, 1, 15)
            _fits("the window", size, shape, "Make it smaller, or pool less before it.")
            return (shape[0] // size, shape[1] // size, shape[2])
        case Residual(filters):
            _whole("filters", filters, 1, 1024)
            return (shape[0], shape[1], filters)
        case GlobalPooling(operation):
            _one_of("pooling", operation, ("max", "average"))
            return (shape[2],)
        case Flatten():
            return (math.prod(shape),)
        case Dense(units, activation):
            _whole("units", units, 1, 8192)
            _one_of("activation", activation, ACTIVATIONS)
            if len(shape) == 3:
                raise ConfigError(f"it gets feature maps {shape}. Put Flatten or global pooling before it.")
            return (units,)
        case Activation(function):
            _one_of("activation", function, ACTIVATIONS)
        case Dropout(rate):
            if not isinstance(rate, int | float) or not 0 <= rate < 1:
                raise ConfigError(f"the rate is {rate}; choose a number from 0 to below 1.")
    return shape


def trainable_parameters(layer: Layer, before: tuple[int, ...]) -> int:
    """How many numbers ``layer`` learns where ``before`` is the shape that reaches it."""
    match layer:
        case Convolution(filters, size):
            # Batch normalisation's offset takes the place of the bias.
            return size * size * before[-1] * filters + (filters if layer.bias or layer.batch_norm else 0)
        case Residual(filters):
            shortcut = 0 if before[-1] == filters else before[-1] * filters
            return 9 * filters * (before[-1] + filters) + shortcut + 2 * filters
        case Dense(units):
            return before[-1] * units + units
        case BatchNormalization():
            return before[-1]
    return 0


def _side(side: int, reach: int, strides: int, padding: str) -> int:
    return -(-side // strides) if padding == "same" else (side - reach) // strides + 1


def _fits(what: str, reach: int, shape: tuple[int, ...], mend: str) -> None:
    if reach > min(shape[:2]):
        raise ConfigError(f"{what} covers {reach} x {reach} cells but only {shape[0]} x {shape[1]} reach it. {mend}")


def _whole(what: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigError(f"{what} is {value}; choose a whole number from {low} to {high}.")


def _one_of(what: str, value: Any, choices: tuple[Any, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{what} is “{value}”; choose {', '.join(map(str, choices))}.")
