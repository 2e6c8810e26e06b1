"""CIFAR-10 through the app's own job, beside a plain Keras script of the tutorial's recipe.

For each of three seeds, a job alternates with a run of the script: first the same recipe, then the preset with batch
normalisation for enough epochs to be stronger, then for so few that it is quicker. Needs CIFAR-10 prepared
(``TFDS_DATA_DIR``); takes half an hour.
"""

import statistics

from benchmarks.harness.data_folder import home_with_cifar10
from benchmarks.harness.job_versus_script import Pair, run_job, run_pair
from benchmarks.harness.reporting import format_spread, print_result
from cnn.data import catalog
from cnn.jobs.engine import Engine
from cnn.training.config import TrainConfig, recipe

SEEDS = (0, 1, 2)
STRONGER, QUICKER = 4, 2  # epochs


def run() -> None:
    """Print the ratios, as medians over the seeds."""
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
            result = _run_pair(recipe("cifar10", architecture, seed=seed, **settings))
            pairs[name].append(result)
            print(
                f"    seed {seed}: {name:18} {result.job_seconds:6.1f} s, test {result.job_accuracy:.2f} %; "
                f"script {result.script_seconds:6.1f} s, test {result.script_accuracy:.2f} %",
                flush=True,
            )
    recipes, stronger, quicker = pairs.values()
    overhead = [100 * (result.time_ratio - 1) for result in recipes]
    print_result(
        "the tutorial's recipe as a job against a plain script, overhead", statistics.median(overhead), "%", at_most=3
    )
    print(f"    {format_spread(overhead)}")
    for name, results, max_ratio, goal in (("stronger", stronger, 1.0, 73.0), ("quicker", quicker, 0.6, 70.0)):
        ratios = [result.time_ratio for result in results]
        print_result(
            f"{name} preset: time against the tutorial's 4 epochs", statistics.median(ratios), "", at_most=max_ratio
        )
        print(f"    {format_spread(ratios)}")
        accuracies = [result.job_accuracy for result in results]
        print_result(f"{name} preset: test accuracy", statistics.median(accuracies), "%", at_least=goal)
    print_result(
        "tutorial's recipe, script: test accuracy", statistics.median(result.script_accuracy for result in recipes), "%"
    )


def _run_pair(config: TrainConfig) -> Pair:
    """Train ``config`` as a job, alternating with the script of the same seed."""
    arguments = str(catalog.folder("cifar10")), str(config.seed)
    return run_pair("train", config.to_dict(), "benchmarks.scripts.tutorial_cifar10", *arguments)


def _warm_up() -> None:
    """Run one short job, so that the worker has imported TensorFlow, as in an app that has been running."""
    config = recipe("cifar10", "tutorial", epochs=1, training_images=320)
    run_job("train", config.to_dict())
