"""Train and measure the networks of *Dense or convolutional?*: ``python -m cnn.pretrained.train_comparison``.

All share one configuration, and each is trained once. The networks go to ``comparison/<data set>-<network>``, each with
its card, the measurements to ``comparison/measured.json``. Needs CIFAR-10; takes about 15 minutes on two cores.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from cnn.analysis.evaluation.shifts import (
    correct_by_position,
    correct_by_shift,
    count_correct,
    draw_at_positions,
    mirror_images,
)
from cnn.data import catalog
from cnn.data.builtin.shape_drawing import NAMES
from cnn.files import write_json
from cnn.home import home
from cnn.model import store
from cnn.model.predict import Predict, predictor
from cnn.pretrained.comparison_results import (
    HERE,
    MEASURED,
    NETWORKS,
    OBJECTS_A_CLASS,
    SEED,
    SHIFTS,
    config,
    folder,
    padding_and_pooling,
)
from cnn.training.config import TrainConfig
from cnn.training.fit import fit


def _train_or_load(label: str, settings: TrainConfig) -> tuple[dict[str, Any], Path]:
    """The card and the folder of a run, trained unless an earlier run with the same settings is still there."""
    catalog.prepare(settings.dataset, lambda event: None, lambda: False)
    run = home() / "comparison" / label
    settings_file = run / "asked.json"
    if not settings_file.exists() or json.loads(settings_file.read_text()) != settings.to_dict():
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(parents=True)
        fit(settings, run, lambda event: None, lambda: False)
        write_json(settings_file, settings.to_dict())
    card = json.loads((run / "card.json").read_text())
    print(label, card["parameters"], "validation", card["validation"], "test", card["test"], flush=True)
    return card, run


def _train_compared_network(dataset: str, network: str) -> tuple[dict[str, Any], Predict]:
    """Train a compared network and copy it next to this file; returns its card and predictor."""
    card, run = _train_or_load(f"{dataset}-{network}", config(dataset, network))
    target = folder(dataset, network)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(run / "model.keras", target)
    write_json(target / "card.json", {**card, "command": "python -m cnn.pretrained.train_comparison"})
    return card, predictor(store.load_file(store.card_in(target)))


def _measure_left_right() -> dict[str, Any]:
    objects = [draw_at_positions(label, seed) for label in range(len(NAMES)) for seed in range(OBJECTS_A_CLASS)]
    networks = {}
    for name in NETWORKS:
        card, predict = _train_compared_network("shapes-left-right", name)
        networks[name] = {
            **{key: card[key] for key in ("parameters", "validation", "test")},
            "by_place": correct_by_position(predict, objects),
        }
    variants = {
        label: _train_or_load(f"left-right {label}", config("shapes-left-right", network))[0]["test"]
        for label, network in padding_and_pooling().items()
    }
    return {
        "networks": networks,
        "centres": np.round(objects[0].centres, 2).tolist(),
        "objects": len(objects),
        "padding_and_pooling": variants,
    }


def _measure_cifar10() -> dict[str, Any]:
    networks = {}
    for name in NETWORKS:
        card, predict = _train_compared_network("cifar10", name)
        test = catalog.load("cifar10", "test")
        images = test.take(np.arange(len(test)))
        shuffled, _ = _train_or_load(
            f"cifar10-{name}-shuffled", config("cifar10", name, shuffled_pixels=True, seed=SEED)
        )
        networks[name] = {
            **{key: card[key] for key in ("parameters", "test")},
            "by_shift": correct_by_shift(predict, images, test.labels, SHIFTS),
            "mirrored": count_correct(predict, mirror_images(images), test.labels),
            "shuffled": shuffled["test"],
        }
    return {"networks": networks, "shifts": SHIFTS}


def main() -> None:
    """Train all networks and write ``measured.json``.

    "left_right": "networks": {name: "parameters", "validation", "test", "by_place": correct predictions at each
    position}, "centres": the positions' columns, "objects": how many at each, "padding_and_pooling": {label: "test"}.
    "cifar10": "networks": {name: "parameters", "test", "by_shift": correct predictions at each shift, "mirrored":
    correct predictions, "shuffled": "test" of the same network trained on shuffled pixels}, "shifts": pixels to the
    right. "validation" and "test" are {"correct", "count"}.
    """
    HERE.mkdir(exist_ok=True)
    write_json(MEASURED, {"left_right": _measure_left_right(), "cifar10": _measure_cifar10()})


if __name__ == "__main__":
    main()
