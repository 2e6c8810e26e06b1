"""The networks that *Dense or convolutional?* compares: their configuration, files and measurements."""

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
    """The folder of a compared network and its card."""
    return HERE / f"{dataset}-{network}"


def measured() -> dict[str, Any]:
    """The measurements; ``train_comparison.main`` describes their format."""
    return dict(json.loads(MEASURED.read_text()))


def config(dataset: str, architecture: Architecture | str, **changes: Any) -> TrainConfig:
    """The configuration that all compared networks share."""
    return TrainConfig(
        dataset, architecture, epochs=10, batch_size=64, learning_rate=0.002, schedule="cosine", **changes
    )


def padding_and_pooling() -> dict[str, Architecture]:
    """The tutorial's network with and without padding, with Flatten and with global pooling: four in all, by name."""
    architecture = preset("tutorial-global")
    variants = {"global pooling": architecture.layers, "Flatten": preset("tutorial").layers}
    return {
        f"{end}, {'padded' if padding == 'same' else 'not padded'}": replace(
            architecture,
            layers=tuple(
                replace(layer, padding=padding) if isinstance(layer, Convolution) else layer for layer in layers
            ),
        )
        for end, layers in variants.items()
        for padding in ("valid", "same")
    }
