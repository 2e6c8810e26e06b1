"""The networks that *Dense or convolutional?* compares: their one recipe, where they are, and what was measured."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnn.model.architectures import Architecture, Convolution
from cnn.model.presets import preset
from cnn.training.config import TrainConfig

HERE = Path(__file__).parent / "comparison"
MEASURED = HERE / "measured.json"
NETWORKS = ("dense", "tutorial", "tutorial-global")
SHIFTS = tuple(range(-8, 9))
OBJECTS_A_CLASS = 50
SEED = 7


def folder(dataset: str, network: str) -> Path:
    """Where a compared network and its card are."""
    return HERE / f"{dataset}-{network}"


def measured() -> dict[str, Any]:
    """What was measured; see ``main`` for its form."""
    return dict(json.loads(MEASURED.read_text()))


def config(dataset: str, architecture: Architecture | str, **changes: Any) -> TrainConfig:
    """The one recipe of all compared networks."""
    return TrainConfig(
        dataset, architecture, epochs=10, batch_size=64, learning_rate=0.002, schedule="cosine", **changes
    )


def padding_and_pooling() -> dict[str, Architecture]:
    """The tutorial's network with and without padding, with Flatten and with global pooling: four in all."""
    whole = preset("tutorial-global")
    layers = {"global pooling": whole.layers, "Flatten": preset("tutorial").layers}
    return {
        f"{end}, {'padded' if padding == 'same' else 'not padded'}": replace(
            whole,
            layers=tuple(replace(each, padding=padding) if isinstance(each, Convolution) else each for each in given),
        )
        for end, given in layers.items()
        for padding in ("valid", "same")
    }
