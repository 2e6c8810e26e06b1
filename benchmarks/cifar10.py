"""CIFAR-10 through the app's own job, beside a plain Keras script of the tutorial's recipe.

For three seeds, each in turn with a plain script of its own: the same recipe as a job, and the preset with batch
normalisation, once as long as it takes to be stronger and once to be quicker. Needs CIFAR-10 prepared
(``TFDS_DATA_DIR``); half an hour.
"""

import statistics

from benchmarks.harness.data_folder import home_with_cifar10
from benchmarks.harness.job_beside_script import Pair, finished, pair
from benchmarks.harness.reporting import figure, spread
from cnn.data import catalog
from cnn.jobs.engine import Engine
from cnn.training.config import TrainConfig, recipe

SEEDS = (0, 1, 2)
STRONGER, QUICKER = 4, 2  # epochs


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
            found = _pair(recipe("cifar10", architecture, seed=seed, **settings))
            pairs[name].append(found)
            print(
                f"    seed {seed}: {name:18} {found.job:6.1f} s, test {found.job_accuracy:.2f} %; "
                f"script {found.script:6.1f} s, test {found.script_accuracy:.2f} %",
                flush=True,
            )
    recipes, stronger, quicker = pairs.values()
    overhead = [100 * (each.job / each.script - 1) for each in recipes]
    figure(
        "the tutorial's recipe as a job against a plain script, overhead", statistics.median(overhead), "%", at_most=3
    )
    print(f"    {spread(overhead)}")
    for name, runs, share, goal in (("stronger", stronger, 1.0, 73.0), ("quicker", quicker, 0.6, 70.0)):
        ratios = [each.job / each.script for each in runs]
        figure(f"{name} preset: time against the tutorial's 4 epochs", statistics.median(ratios), "", at_most=share)
        print(f"    {spread(ratios)}")
        accuracies = [each.job_accuracy for each in runs]
        figure(f"{name} preset: test accuracy", statistics.median(accuracies), "%", at_least=goal)
    figure("tutorial's recipe, script: test accuracy", statistics.median(each.script_accuracy for each in recipes), "%")


def _pair(config: TrainConfig) -> Pair:
    """Train ``config`` as a job, in turn with the script of the same seed."""
    arguments = str(catalog.folder("cifar10")), str(config.seed)
    return pair("train", config.to_dict(), "benchmarks.scripts.tutorial_cifar10", *arguments)


def _warm_up() -> None:
    """One short job, so that the worker has imported TensorFlow, as it has in a running app."""
    config = recipe("cifar10", "tutorial", epochs=1, training_images=320)
    finished("train", config.to_dict())
