"""What transfer learning buys on cats and dogs: the runs that are measured, and what came out."""

import json
from pathlib import Path
from typing import Any

from cnn.model.fine_tuning import fine_tuning_ladder
from cnn.training.config import TrainConfig, recipe
from cnn.training.transfer_config import TransferConfig

FOLDER = Path(__file__).parent / "transfer"
DATASET = "cats_vs_dogs"
SHOWN = 30
SCRATCH = recipe(DATASET, "tutorial-bn", epochs=20)


def configs() -> dict[str, TransferConfig | TrainConfig]:
    """Every run that is measured, by its name."""
    rungs = {
        f"mobilenet_v2 {rung.layers}": TransferConfig(DATASET, tuned_layers=rung.layers)
        for rung in fine_tuning_ladder("mobilenet_v2")
    }
    return {**rungs, "built-in 0": TransferConfig(DATASET, "built-in"), "scratch": SCRATCH}


def measured() -> dict[str, Any]:
    """What ``main`` measured: {name of a run: {"test", "validation": {"correct", "count"}, "seconds"}}."""
    return dict(json.loads((FOLDER / "measured.json").read_text()))
