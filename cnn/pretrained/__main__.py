"""Train the models that come with the app: ``python -m cnn.pretrained [NAME ...]`` (``make pretrained``: all of them).

The models in ``EPOCHS`` come with weights of some epochs for the time machine, and ``REPLAYED`` with all that pages
need to replay its run. ``flow.npz`` holds feature maps and predictions of ``shapes-tutorial`` for eight test images, so
that Home can show a network at work without loading one.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from cnn.analysis.activations.feature_maps import feature_maps
from cnn.data import catalog
from cnn.files import write_json
from cnn.home import home
from cnn.model import store
from cnn.model.predict import predictor
from cnn.training.config import TrainConfig, recipe
from cnn.training.epoch_weights import kept_epochs, weights_file
from cnn.training.fit import fit

HERE = Path(__file__).parent
MAPS_SHOWN = 6
REPLAYED = "digits-tutorial"
# The epochs whose weights are kept for the time machine. Those of a large network take 3.5 MB each, so only some are
# kept, more of the first ones, which change most.
EPOCHS = {
    "digits-tutorial": range(13),
    "cifar10-tutorial": range(5),
    "cifar10-resnet": (0, 1, 2, 4, 8, 16, 28),
}
MEGABYTES = "200"  # enough for all epochs of any model while it trains


def recipes() -> dict[str, TrainConfig]:
    """The configuration of each pretrained model, by name."""
    return {
        "digits-tutorial": recipe(
            "digits", "tutorial", epochs=12, learning_rate=0.002, schedule="cosine", augmentation="turned"
        ),
        "shapes-tutorial": recipe("shapes", "tutorial", epochs=14, batch_size=64),
        "cifar10-tutorial": recipe("cifar10", "tutorial"),
        "cifar10-resnet": recipe("cifar10", "resnet-small"),
    }


def train(name: str, config: TrainConfig) -> None:
    """Train one model and copy it to this folder; resumes after a crash, since training can take over an hour."""
    catalog.prepare(config.dataset, lambda event: None, lambda: False)
    run = home() / "pretrained" / name
    config_file = run / "config.json"
    if not config_file.exists() or json.loads(config_file.read_text()) != config.to_dict():
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(parents=True)
        write_json(config_file, config.to_dict())
    with (run / "events.jsonl").open("a+") as log:
        log.seek(0)
        attempt = 1 + sum('"type": "start"' in line for line in log)

        def report(event: dict) -> None:
            log.write(json.dumps({"t": 0, "attempt": attempt, **event}) + "\n")
            log.flush()
            if event["type"] in ("epoch", "test"):
                print(name, {key: value for key, value in event.items() if key != "watched"}, flush=True)

        fit(config, run, report, lambda: False)
    copy_model(name, run)
    shutil.rmtree(run)


def copy_model(name: str, run: Path) -> None:
    """Copy a finished run's model to this folder, with the epochs in ``EPOCHS`` and, for ``REPLAYED``, its events."""
    target = HERE / name
    shutil.rmtree(target, ignore_errors=True)
    files = ["model.keras", "card.json", "test_probabilities.npy", "validation_probabilities.npy"]
    target.mkdir()
    if name == REPLAYED:
        files += ["events.jsonl", "watched.npz"]
    for epoch in set(EPOCHS.get(name, ())).intersection(kept_epochs(run)):
        weights_file(target, epoch).parent.mkdir(exist_ok=True)
        shutil.copy(weights_file(run, epoch), weights_file(target, epoch))
    for file in files:
        shutil.copy(run / file, target / file)
    card = json.loads((target / "card.json").read_text())
    write_json(target / "card.json", {**card, "command": f"python -m cnn.pretrained {name}"})


def write_flow() -> None:
    """Write ``flow.npz``: feature maps and predictions of ``shapes-tutorial`` for one test image per class.

    It holds images uint8 (8, 32, 32, 3), their positions in the test split and labels int64 (8,), names (8,),
    probabilities float32 (8, 8), and per layer the maps that respond most, uint8 (8, maps, h, w, 3), on one scale in
    the colours of activations.
    """
    viridis = mpl.colormaps["viridis"]
    model, card = store.load("shapes-tutorial"), store.card("shapes-tutorial")
    predict = predictor(model)
    test = catalog.load("shapes", "test")
    candidates = [np.flatnonzero(test.labels == label)[:40] for label in range(len(card.class_names))]
    chosen = []
    for label, positions in enumerate(candidates):
        images = test.take(positions)
        confidence = predict(images)[:, label]
        areas = [np.prod(box[2:] - box[:2]) for box in (test.boxes[positions] if test.boxes is not None else [])]
        # A large object with high confidence, but not the highest: bars at 100 % look faked.
        chosen.append(int(positions[np.argmax(np.where((confidence > 0.8) & (confidence < 0.999), areas, 0))]))
    images = test.take(chosen)
    layers: dict[str, Any] = {}
    for name, maps in feature_maps(model, images).items():
        highest = np.argsort(-maps.std(axis=(1, 2)).mean(axis=0))[:MAPS_SHOWN]
        shown = maps[..., np.sort(highest)].transpose(0, 3, 1, 2)
        layers[name] = viridis(shown / max(float(shown.max()), 1e-9), bytes=True)[..., :3]
    np.savez_compressed(
        HERE / "flow.npz",
        images=images,
        positions=np.array(chosen),
        labels=test.labels[chosen],
        names=np.array(card.class_names),
        probabilities=predict(images),
        **layers,
    )


def main(names: list[str]) -> int:
    """Train the models called ``names``, or all; returns the exit code."""
    configs = recipes()
    for name in names or list(configs):
        if name not in configs:
            print(f"There is no pretrained model called {name}. Choose of: {', '.join(configs)}.", file=sys.stderr)
            return 2
        train(name, configs[name])
        if name == "shapes-tutorial":
            write_flow()
    return 0


if __name__ == "__main__":
    os.environ["CNN_EPOCH_MEGABYTES"] = MEGABYTES
    sys.exit(main(sys.argv[1:]))
