"""CIFAR-10 through the app's own job, beside a plain Keras script of the tutorial's recipe.

For three seeds in turn: the plain script, the same recipe as a job, and the preset with batch normalisation, once as
long as it takes to be stronger and once to be quicker. Needs CIFAR-10 prepared (``TFDS_DATA_DIR``); half an hour.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.home import home_with_cifar10
from benchmarks.reporting import figure, spread
from cnn.data import catalog
from cnn.training import queue
from cnn.training.config import TrainConfig, recipe
from cnn.training.engine import Engine

SEEDS = (0, 1, 2)
STRONGER, QUICKER = 4, 3  # epochs


def run() -> None:
    """Print the ratios; the medians of three seeds."""
    with home_with_cifar10() as home:
        if home is None:
            return
        engine = Engine.start()
        try:
            _warm_up()
            _compare()
        finally:
            engine.close()


def _compare() -> None:
    bare, job, stronger, quicker = [], [], [], []
    for seed in SEEDS:
        bare.append(_script(seed))
        job.append(_job(recipe("cifar10", "tutorial", seed=seed)))
        stronger.append(_job(recipe("cifar10", "tutorial-bn", seed=seed, epochs=STRONGER)))
        quicker.append(_job(recipe("cifar10", "tutorial-bn", seed=seed, epochs=QUICKER)))
        for name, runs in (("script", bare), ("job", job), ("stronger", stronger), ("quicker", quicker)):
            print(f"    seed {seed}: {name:10} {runs[-1][0]:7.1f} s, test {100 * runs[-1][1]:.2f} %", flush=True)
    overhead = [100 * (mine[0] / plain[0] - 1) for mine, plain in zip(job, bare, strict=True)]
    figure(
        "job of the tutorial's recipe against the plain script, overhead", statistics.median(overhead), "%", at_most=3
    )
    print(f"    {spread(overhead)}")
    for name, runs, share, goal in (("stronger", stronger, 1.0, 73.0), ("quicker", quicker, 0.6, 70.0)):
        ratios = [mine[0] / plain[0] for mine, plain in zip(runs, bare, strict=True)]
        figure(f"{name} preset: time against the tutorial's 4 epochs", statistics.median(ratios), "", at_most=share)
        figure(f"{name} preset: test accuracy", statistics.median(100 * r[1] for r in runs), "%", at_least=goal)
    figure("tutorial's recipe, script: test accuracy", statistics.median(100 * r[1] for r in bare), "%")


def _script(seed: int) -> tuple[float, float]:
    folder = catalog.folder("cifar10")
    command = [sys.executable, "-m", "benchmarks.bare_tutorial", str(folder), str(seed)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    )
    result = json.loads(done.stdout.splitlines()[-1])
    return result["seconds"], result["accuracy"]


def _job(config: TrainConfig) -> tuple[float, float]:
    id = queue.submit("train", config.to_dict(), workspace="benchmark", name="benchmark")
    while (job := queue.read(id)).state in queue.ACTIVE:
        time.sleep(0.1)
    if job.state != "finished" or job.started is None:
        raise RuntimeError(f"The job ended as {job.state}: {job.reason}")
    card = json.loads((Path(job.folder) / "card.json").read_text())
    return job.since - job.started, card["test"]["correct"] / card["test"]["count"]


def _warm_up() -> None:
    """One short job, so that the worker has imported TensorFlow, as it has in a running app."""
    _job(recipe("cifar10", "tutorial", epochs=1, training_images=320))
