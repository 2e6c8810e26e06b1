"""CIFAR-10 through the app's own job, beside a plain Keras script of the tutorial's recipe.

For three seeds, each in turn with a plain script of its own: the same recipe as a job, and the preset with batch
normalisation, once as long as it takes to be stronger and once to be quicker. Needs CIFAR-10 prepared
(``TFDS_DATA_DIR``); half an hour.
"""

import json
import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from benchmarks.home import home_with_cifar10
from benchmarks.reporting import figure, spread
from benchmarks.turns import in_turn
from cnn.data import catalog
from cnn.training import queue
from cnn.training.config import TrainConfig, recipe
from cnn.training.engine import Engine

SEEDS = (0, 1, 2)
STRONGER, QUICKER = 4, 2  # epochs


class Pair(NamedTuple):
    """What a job and the script beside it took, in seconds, and their test accuracies, in percent."""

    job: float
    script: float
    job_accuracy: float
    script_accuracy: float


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
    changes = {
        "tutorial's recipe": ("tutorial", {}),
        "stronger preset": ("tutorial-bn", {"epochs": STRONGER}),
        "quicker preset": ("tutorial-bn", {"epochs": QUICKER}),
    }
    pairs: dict[str, list[Pair]] = {name: [] for name in changes}
    for seed in SEEDS:
        for name, (architecture, settings) in changes.items():
            pair = _pair(recipe("cifar10", architecture, seed=seed, **settings))
            pairs[name].append(pair)
            print(
                f"    seed {seed}: {name:18} {pair.job:6.1f} s, test {pair.job_accuracy:.2f} %; "
                f"script {pair.script:6.1f} s, test {pair.script_accuracy:.2f} %",
                flush=True,
            )
    recipes, stronger, quicker = pairs.values()
    overhead = [100 * (pair.job / pair.script - 1) for pair in recipes]
    figure(
        "the tutorial's recipe as a job against a plain script, overhead", statistics.median(overhead), "%", at_most=3
    )
    print(f"    {spread(overhead)}")
    for name, runs, share, goal in (("stronger", stronger, 1.0, 73.0), ("quicker", quicker, 0.6, 70.0)):
        ratios = [pair.job / pair.script for pair in runs]
        figure(f"{name} preset: time against the tutorial's 4 epochs", statistics.median(ratios), "", at_most=share)
        print(f"    {spread(ratios)}")
        accuracies = [pair.job_accuracy for pair in runs]
        figure(f"{name} preset: test accuracy", statistics.median(accuracies), "%", at_least=goal)
    figure("tutorial's recipe, script: test accuracy", statistics.median(p.script_accuracy for p in recipes), "%")


def _pair(config: TrainConfig) -> Pair:
    """Train ``config`` as a job, in turn with the script of the same seed."""
    with _script(config.seed) as (script, order, answer):
        id = queue.submit("train", config.to_dict(), workspace="benchmark", name="benchmark")
        while (job := queue.read(id)).pid is None:
            time.sleep(0.01)
        order.write("go\n")
        order.flush()
        seconds = in_turn(
            (job.pid, script.pid),
            (lambda: queue.read(id).state not in queue.ACTIVE, lambda: bool(select.select([answer], [], [], 0)[0])),
        )
        accuracy = 100 * json.loads(answer.readline())["accuracy"]
    return Pair(seconds[0], seconds[1], _accuracy(id), accuracy)


@contextmanager
def _script(seed: int) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    """The plain script, loaded and waiting for a line, with its ends of that line and of its answer."""
    command = [sys.executable, "-m", "benchmarks.bare_tutorial", str(catalog.folder("cifar10")), str(seed)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    script = subprocess.Popen(command, text=True, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert script.stdin is not None and script.stdout is not None
    try:
        if script.stdout.readline() != "ready\n":
            raise RuntimeError("The plain script did not start.")
        yield script, script.stdin, script.stdout
    finally:
        script.kill()
        script.wait()


def _accuracy(id: str) -> float:
    job = queue.read(id)
    if job.state != "finished":
        raise RuntimeError(f"The job ended as {job.state}: {job.reason}")
    test = json.loads((Path(job.folder) / "card.json").read_text())["test"]
    return 100 * test["correct"] / test["count"]


def _warm_up() -> None:
    """One short job, so that the worker has imported TensorFlow, as it has in a running app."""
    config = recipe("cifar10", "tutorial", epochs=1, training_images=320)
    id = queue.submit("train", config.to_dict(), workspace="benchmark", name="warm-up")
    while queue.read(id).state in queue.ACTIVE:
        time.sleep(0.1)
    _accuracy(id)
