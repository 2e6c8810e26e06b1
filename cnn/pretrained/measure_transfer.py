"""Measure what transfer learning gains: ``python -m cnn.pretrained.measure_transfer`` (18 minutes), or with ``digits``
behind it on the digits alone (3 minutes; they need neither photos nor weights).

On cats and dogs it trains a head on each base, every rung of MobileNetV2's ladder, and a network from scratch. Only
numbers are kept (``transfer/``), because the photos and MobileNetV2's weights belong to others, and the curves of
``SHOWN``, which the page opens with. Needs the photos of ``cats_vs_dogs``, and MobileNetV2's weights in ``KERAS_HOME``.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnn.data import catalog
from cnn.files import write_json
from cnn.pretrained.transfer_results import FOLDER, SHOWN, configs, digits_configs
from cnn.training.config import TrainConfig
from cnn.training.fit import fit
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_fit import fit_transfer


def main() -> int:
    """Train and measure all runs, one after the other."""
    if sys.argv[1:] != ["digits"]:
        write_json(FOLDER / "measured.json", _measure(configs()))
    write_json(FOLDER / "measured_on_digits.json", _measure(digits_configs()))
    return 0


def _measure(runs: Mapping[str, TransferConfig | TrainConfig]) -> dict[str, Any]:
    results = {}
    for name, config in runs.items():
        catalog.prepare(config.dataset, lambda event: None, lambda: False)
        folder = Path(tempfile.mkdtemp(prefix="transfer-"))
        events: list[dict[str, Any]] = []
        card = _train(config, folder, events)
        curve = [event["val_accuracy"] for event in events if event["type"] == "epoch"]
        results[name] = {key: card[key] for key in ("test", "validation", "seconds")} | {"held_out": curve}
        print(name, results[name], flush=True)
        if name == f"mobilenet_v2 {SHOWN}":
            _write_run(config, events)
        shutil.rmtree(folder)
    return results


def _train(config: TransferConfig | TrainConfig, folder: Path, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Train a run of either kind in ``folder`` and append its events to ``events``; returns the model's card."""
    if isinstance(config, TransferConfig):
        return fit_transfer(config, folder, events.append, lambda: False)
    return fit(config, folder, events.append, lambda: False)


def _write_run(config: TransferConfig | TrainConfig, events: list[dict[str, Any]]) -> None:
    """Write a run's events and configuration for the page, without the predictions for the watched photos."""
    FOLDER.mkdir(exist_ok=True)
    shown = [
        event | {"watched": []} if "watched" in event else event for event in events if event["type"] != "progress"
    ]
    lines = [json.dumps({"t": 0, "attempt": 1, **event}) for event in shown]
    (FOLDER / "events.jsonl").write_text("\n".join(lines) + "\n")
    write_json(FOLDER / "config.json", config.to_dict())


if __name__ == "__main__":
    sys.exit(main())
