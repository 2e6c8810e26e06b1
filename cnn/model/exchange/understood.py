"""What was understood of a network from elsewhere, before it is kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn.errors import DamagedFileError, ModelError
from cnn.stored_files import read_object

FILE = "understood.json"


@dataclass(frozen=True)
class UnderstoodLayer:
    """A layer as it will stand in the list of layers.

    Attributes:
        output: its shape for one image.
        parameters: of a layer that is used several times, at its first use only.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class Understood:
    """A network from elsewhere; the fields are also the keys of the JSON on disk.

    Attributes:
        name: as in the file, safe to display.
        version: of the Keras that wrote the file, or "".
        input_shape: (height, width, channels) of its images.
        outputs: numbers in its answer: one for each class, or a single one for two classes.
        ending: "logits", "softmax" or "sigmoid", what its last layer does.
        parameters: number of parameters.
        left_out: kinds of layers that only act while training, and were left out.
        repeated: layers that it uses several times.
    """

    name: str
    version: str
    input_shape: tuple[int, int, int]
    outputs: int
    ending: str
    parameters: int
    layers: tuple[UnderstoodLayer, ...]
    left_out: tuple[str, ...]
    repeated: tuple[str, ...]

    @property
    def classes(self) -> int:
        """Number of classes."""
        return max(2, self.outputs)


def from_json(value: dict[str, Any]) -> Understood:
    """The inverse of ``dataclasses.asdict``, after a way through JSON."""
    height, width, channels = value["input_shape"]
    layers = tuple(UnderstoodLayer(**{**entry, "output": tuple(entry["output"])}) for entry in value["layers"])
    changed: dict[str, Any] = {key: tuple(value[key]) for key in ("left_out", "repeated")}
    changed |= {"input_shape": (height, width, channels), "layers": layers}
    return Understood(**{**value, **changed})


def read_understood(folder: Path) -> Understood:
    """What was understood of the network in the folder of its job.

    Raises:
        ModelError: it is gone.
    """
    try:
        return from_json(read_object(folder / FILE))
    except (DamagedFileError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError("The network that was brought is no longer here; bring the file once more.") from error
