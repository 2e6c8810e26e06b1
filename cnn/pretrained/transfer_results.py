"""What transfer learning gains on cats and dogs, and on digits: the runs to measure, and their results."""

import json
from pathlib import Path
from typing import Any

from cnn.model.fine_tuning import fine_tuning_ladder
from cnn.model.pretrained_bases import BASES
from cnn.training.config import TrainConfig, recipe
from cnn.training.transfer_config import TransferConfig

FOLDER = Path(__file__).parent / "transfer"
DATASET = "cats_vs_dogs"
SHOWN = 30  # layers fine-tuned in the run whose curves the page opens with
_TUNED_ON_DOGS = (
    "had its last layers tuned on 19 breeds of dogs before, which may flatter its numbers on cats and dogs."
)
WEIGHTS_NOTE = f"The MobileNetV2 that was measured {_TUNED_ON_DOGS}"
WEIGHTS_HERE_NOTE = f"The MobileNetV2 on this machine {_TUNED_ON_DOGS}"  # if ``mobilenet_weights.are_tuned_on_dogs``
SCRATCH = recipe(DATASET, "tutorial-bn", epochs=20)


def configs() -> dict[str, TransferConfig | TrainConfig]:
    """Every run to measure, by name."""
    rungs = {
        f"mobilenet_v2 {rung.layers}": TransferConfig(DATASET, tuned_layers=rung.layers)
        for rung in fine_tuning_ladder("mobilenet_v2")
    }
    return {**rungs, "built-in 0": TransferConfig(DATASET, "built-in"), "scratch": SCRATCH}


def digits_configs() -> dict[str, TransferConfig]:
    """Runs on images unlike those that the built-in base has learned from, by name."""
    layers = BASES["built-in"].layers
    return {
        "head": TransferConfig("digits", "built-in"),
        "head, 40 epochs": TransferConfig("digits", "built-in", head_epochs=40),
        "whole base, low rate": TransferConfig("digits", "built-in", tuned_layers=layers),
        "whole base": TransferConfig("digits", "built-in", tuned_layers=layers, tuning_rate=1e-4),
    }


def measured_on_digits() -> dict[str, Any]:
    """The results of ``digits_configs``, in the form of ``measured``."""
    return dict(json.loads((FOLDER / "measured_on_digits.json").read_text()))


def measured() -> dict[str, Any]:
    """The results by name of the run.

    Each has "test" and "validation", {"correct", "count"}, "seconds", and "held_out", the validation accuracy of each
    epoch in 0..1.
    """
    return dict(json.loads((FOLDER / "measured.json").read_text()))
