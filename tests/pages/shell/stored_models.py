"""Model folders without a network in them: enough for menus and pickers."""

import json
from pathlib import Path

CARD = {
    "class_names": ["a", "b"],
    "input_shape": [32, 32, 1],
    "architecture": "tutorial",
    "parameters": 1,
    "test": {"correct": 9, "count": 10},
    "validation": {"correct": 9, "count": 10},
    "config": {"epochs": 1},
    "bytes": 1,
    "seconds": 1.0,
    "created": 1.0,
}


def create_model(folder: Path, dataset: str) -> None:
    """Create the folder of a model trained on ``dataset``."""
    folder.mkdir(parents=True)
    (folder / "model.keras").touch()
    (folder / "card.json").write_text(json.dumps(CARD | {"dataset": dataset}))
