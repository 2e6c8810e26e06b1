"""Measure what transfer learning buys on cats and dogs: ``python -m cnn.pretrained.measure_transfer`` (15 minutes).

Trains a head on each base, every rung of MobileNetV2's ladder, and a network of the same images from scratch, and keeps
numbers alone (``transfer/``): the photos are others', the weights of MobileNetV2 too. The curves of ``SHOWN`` are kept
for the page to open with. It needs ``cats_vs_dogs`` prepared and MobileNetV2's weights below ``KERAS_HOME``.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from cnn.data import catalog
from cnn.files import write_json
from cnn.pretrained.transfer_results import DATASET, FOLDER, SHOWN, configs
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig


def main() -> int:
    """Train all, one after the other."""
    from cnn.training.fit import fit  # pages read what was measured, and need no TensorFlow for it
    from cnn.training.transfer_fit import fit_transfer

    catalog.prepare(DATASET, lambda event: None, lambda: False)
    found = {}
    for name, config in configs().items():
        folder = Path(tempfile.mkdtemp(prefix="transfer-"))
        events: list[dict[str, Any]] = []
        log = events.append
        train = fit_transfer if isinstance(config, TransferConfig) else fit
        card = train(config, folder, log, lambda: False)  # type: ignore[arg-type]
        curve = [event["val_accuracy"] for event in events if event["type"] == "epoch"]
        found[name] = {key: card[key] for key in ("test", "validation", "seconds")} | {"held_out": curve}
        print(name, found[name], flush=True)
        if name == f"mobilenet_v2 {SHOWN}":
            _keep(config, events)
        shutil.rmtree(folder)
    write_json(FOLDER / "measured.json", found)
    return 0


def _keep(config: TransferConfig | TrainConfig, events: list[dict[str, Any]]) -> None:
    """The run as a page shows it, without the photos it is watched by."""
    FOLDER.mkdir(exist_ok=True)
    kept = [event | {"watched": []} if "watched" in event else event for event in events if event["type"] != "progress"]
    lines = [json.dumps({"t": 0, "attempt": 1, **event}) for event in kept]
    (FOLDER / "events.jsonl").write_text("\n".join(lines) + "\n")
    write_json(FOLDER / "config.json", config.to_dict())


if __name__ == "__main__":
    sys.exit(main())
