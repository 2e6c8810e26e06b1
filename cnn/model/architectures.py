"""Architectures as data: a frozen list of layers that can be stored, compared, drawn and turned into a Keras model.

An architecture knows nothing of a data set. ``cnn.model.build`` adds what depends on one: the input, the rescaling of
0-255 and the last dense layer. ``cnn.model.checks`` says whether its layers fit together.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from cnn.errors import ConfigError

ACTIVATIONS = ("relu", "gelu", "tanh", "sigmoid", "linear")


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
    bias: bool = True


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
