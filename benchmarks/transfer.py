"""Cats and dogs on MobileNetV2: a job with features once, beside the tutorial's own script.

For three seeds, each in turn with the script, from nothing: the job works its features out anew. Then the head alone
once more on the features that are kept. Needs ``cats_vs_dogs`` prepared (``TFDS_DATA_DIR``) and the weights
(``KERAS_HOME``).
"""

import os
import statistics
import tempfile
import time

from benchmarks.harness.job_beside_script import finished, pair
from benchmarks.harness.reporting import figure, spread
from cnn.data import catalog
from cnn.jobs.engine import Engine
from cnn.model.pretrained_bases import has_weights
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import features_file

SEEDS = (0, 1, 2)
DATASET = "cats_vs_dogs"


def run() -> None:
    """Print the ratios; the medians of three seeds."""
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
    finished("transfer", TransferConfig("digits", "built-in").to_dict())  # so that the worker has imported TensorFlow
    ratios, ours, theirs, again = [], [], [], []
    for seed in SEEDS:
        config = TransferConfig(DATASET, "mobilenet_v2", seed=seed).to_dict()
        features_file(DATASET, "mobilenet_v2").unlink(missing_ok=True)
        found = pair("transfer", config, "benchmarks.scripts.tutorial_transfer", str(catalog.tfds_folder()), str(seed))
        started = time.perf_counter()
        finished("transfer", config)
        again.append(time.perf_counter() - started)
        ratios.append(found.job / found.script)
        ours.append(found.job_accuracy)
        theirs.append(found.script_accuracy)
        print(
            f"    seed {seed}: job {found.job:.1f} s, test {found.job_accuracy:.1f} %; script {found.script:.1f} s, "
            f"test {found.script_accuracy:.1f} %; the job again {again[-1]:.1f} s",
            flush=True,
        )
    figure("features and head against the tutorial's script, time", statistics.median(ratios), "", at_most=1 / 3)
    print(f"    {spread(ratios)}")
    figure("its test accuracy", statistics.median(ours), "%", at_least=97)
    figure("the script's test accuracy", statistics.median(theirs), "%")
    figure("a second training on the same data", statistics.median(again), "s", at_most=5)
