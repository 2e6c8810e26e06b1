"""Cats and dogs on MobileNetV2: a job with features once, beside the tutorial's own script.

For each of three seeds, a job without cached features alternates with the script; then the job runs again on the
cached features. Needs ``cats_vs_dogs`` prepared (``TFDS_DATA_DIR``) and the weights (``KERAS_HOME``).
"""

import os
import statistics
import tempfile
import time

from benchmarks.harness.job_versus_script import Pair, run_job, run_pair
from benchmarks.harness.reporting import format_spread, print_result
from cnn.data import catalog
from cnn.jobs.engine import Engine
from cnn.model.pretrained_bases import has_weights
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import features_file

SEEDS = (0, 1, 2)
DATASET = "cats_vs_dogs"


def run() -> None:
    """Print the ratios, as medians over the seeds."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["CNN_HOME"] = home
        if catalog.needs_download(DATASET) or not has_weights("mobilenet_v2"):
            print("  Skipped: cats_vs_dogs (TFDS_DATA_DIR) or MobileNetV2's weights (KERAS_HOME) are not here.")
            return
        catalog.prepare(DATASET, lambda event: None, lambda: False)
        engine = Engine.start()
        try:
            _compare()
        finally:
            engine.close()


def _compare() -> None:
    run_job("transfer", TransferConfig("digits", "built-in").to_dict())  # the worker imports TensorFlow
    results: list[Pair] = []
    repeat_seconds = []
    for seed in SEEDS:
        config = TransferConfig(DATASET, "mobilenet_v2", seed=seed).to_dict()
        features_file(DATASET, "mobilenet_v2").unlink(missing_ok=True)
        arguments = str(catalog.tfds_folder()), str(seed)
        result = run_pair("transfer", config, "benchmarks.scripts.tutorial_transfer", *arguments)
        results.append(result)
        started = time.perf_counter()
        run_job("transfer", config)
        repeat_seconds.append(time.perf_counter() - started)
        print(
            f"    seed {seed}: job {result.job_seconds:.1f} s, test {result.job_accuracy:.1f} %; "
            f"script {result.script_seconds:.1f} s, test {result.script_accuracy:.1f} %; "
            f"the job again {repeat_seconds[-1]:.1f} s",
            flush=True,
        )
    ratios = [result.time_ratio for result in results]
    print_result("features and head against the tutorial's script, time", statistics.median(ratios), "", at_most=1 / 3)
    print(f"    {format_spread(ratios)}")
    print_result("its test accuracy", statistics.median(result.job_accuracy for result in results), "%", at_least=97)
    print_result("the script's test accuracy", statistics.median(result.script_accuracy for result in results), "%")
    print_result("a second training on the same data", statistics.median(repeat_seconds), "s", at_most=5)
