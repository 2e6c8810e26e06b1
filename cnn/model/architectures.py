"""Architectures as data: an immutable list of layers that can be stored, compared, drawn and built with Keras.

An architecture is independent of any data set. ``cnn.model.build`` adds the parts that depend on one: the input, the
rescaling of 0-255 and the output layer. ``cnn.model.shape_inference`` checks that the layers fit together.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from cnn.errors import ConfigError

ACTIVATIONS = ("relu", "gelu", "tanh", "sigmoid", "linear")


@dataclass(frozen=True)
class Convolution:
    """A convolutional layer with square filters; ``batch_norm`` adds batch normalisation before the activation."""

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
    """Max or average pooling over square windows that do not overlap."""

    kind: ClassVar[str] = "pooling"
    operation: str = "max"
    size: int = 2


@dataclass(frozen=True)
class Residual:
    """Two 3x3 convolutions with batch normalisation whose output is added to their input (He et al., 2016)."""

    kind: ClassVar[str] = "residual"
    filters: int


@dataclass(frozen=True)
class BatchNormalization:
    """Batch normalisation (Ioffe & Szegedy, 2015) without scale, which a following ReLU makes redundant."""

    kind: ClassVar[str] = "batch_normalization"


@dataclass(frozen=True)
class Activation:
    """An activation function as a layer of its own."""

    kind: ClassVar[str] = "activation"
    function: str = "relu"


@dataclass(frozen=True)
class GlobalPooling:
    """Reduces each feature map to its average or its maximum."""

    kind: ClassVar[str] = "global_pooling"
    operation: str = "average"


@dataclass(frozen=True)
class Flatten:
    """Flattens all feature maps into one vector."""

    kind: ClassVar[str] = "flatten"


@dataclass(frozen=True)
class Dense:
    """A fully connected layer."""

    kind: ClassVar[str] = "dense"
    units: int
    activation: str = "relu"
    bias: bool = True


@dataclass(frozen=True)
class Dropout:
    """Sets a fraction ``rate`` of its inputs to zero during training (Srivastava et al., 2014)."""

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
    """A network without its input and output layers.

    Attributes:
        name: name of a preset, or "own".
        layers: in order from input to output.
        rescaling: range that pixels are rescaled to: "unit" (0..1, as in the tutorial) or "symmetric" (-1..1).
    """

    name: str
    layers: tuple[Layer, ...]
    rescaling: str = "unit"

    def to_dict(self) -> dict[str, Any]:
        """The architecture in JSON types; ``from_dict`` restores an equal one."""
        return {
            "name": self.name,
            "rescaling": self.rescaling,
            "layers": [{"kind": layer.kind, **asdict(layer)} for layer in self.layers],
        }

    def to_text(self) -> str:
        """The architecture as compact JSON for a URL; settings equal to a layer's defaults are left out."""
        layers = []
        for layer in self.layers:
            defaults = {field.name: field.default for field in fields(layer)}
            settings = {name: value for name, value in asdict(layer).items() if defaults[name] != value}
            layers.append({"kind": layer.kind, **settings})
        rescaling = {} if self.rescaling == "unit" else {"rescaling": self.rescaling}
        return json.dumps({"layers": layers, **rescaling}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Architecture":
        """The inverse of ``to_text``; the name is "own".

        Raises:
            ConfigError: not an architecture, or longer than 10,000 characters.
        """
        try:
            value = json.loads(text) if len(text) <= 10_000 else None
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise ConfigError("The link holds no network that can be read. Choose a preset instead.")
        return cls.from_dict({"rescaling": "unit", **value, "name": "own"})

    @classmethod
    def from_dict(cls, value: Any) -> "Architecture":
        """The inverse of ``to_dict``.

        Raises:
            ConfigError: not an architecture; the message names the layer and the reason.
        """
        try:
            layers = tuple(_layer_from_dict(position, entry) for position, entry in enumerate(value["layers"], 1))
            return cls(str(value["name"])[:60], layers, str(value["rescaling"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"This is not a stored architecture ({error!r}). Choose a preset instead.") from error


def _layer_from_dict(position: int, entry: dict[str, Any]) -> Layer:
    kind = LAYERS.get(entry.get("kind", ""))
    if kind is None:
        raise ConfigError(f"Layer {position} is of the unknown kind “{entry.get('kind')}”. Known: {', '.join(LAYERS)}.")
    settings = {field.name: entry[field.name] for field in fields(kind) if field.name in entry}
    for field in fields(kind):
        value = settings.get(field.name)
        accepted: Any = int | float if field.type is float else field.type
        if value is not None and not isinstance(value, accepted):
            raise ConfigError(
                f"Layer {position} ({entry['kind']}): {field.name} is {value!r}, of another kind than it needs."
            )
    return kind(**settings)
