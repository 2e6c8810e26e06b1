"""The features a pretrained base extracts from a data set, computed once and stored; a head then trains in seconds.

The base is frozen, so an image's features never change. They are stored by data set, base and image size, and for the
built-in base also by when it was trained.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.data import catalog
from cnn.data.split import Split
from cnn.errors import DamagedFileError
from cnn.files import exclusive_lock, write_whole
from cnn.home import home
from cnn.model import store
from cnn.model.pretrained_bases import BASES, BUILT_FROM, base_model, pooling
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped
from cnn.stored_files import read_arrays

if TYPE_CHECKING:
    import keras

SPLITS = ("train", "validation", "test")
BATCH = 32
THREADS = 2  # one reads and resizes while the other computes; two batches at once also use the cores better

Features = dict[str, np.ndarray]
"""Split name -> float32 (N, features), in the order of the split."""


def features_file(dataset: str, base: str) -> Path:
    """The file for the features of a data set, whether or not it exists."""
    # An update of this app may bring a retrained built-in base.
    trained = f"-{store.card(BUILT_FROM).created}" if base == "built-in" else ""
    return home() / "features" / f"{dataset}-{base}-{BASES[base].side}{trained}.npz"


def load_features(dataset: str, base: str) -> Features | None:
    """The features of a data set from disk; None if they are missing, damaged or of other images."""
    try:
        arrays = read_arrays(features_file(dataset, base), dict.fromkeys(SPLITS, (None, BASES[base].features)))
    except DamagedFileError:
        return None
    features = {split: rows.astype(np.float32) for split, rows in arrays.items()}
    # A visitor's data set can be deleted, and another prepared copy can hold other images.
    fits = all(len(features[split]) == len(catalog.load(dataset, split)) for split in SPLITS)
    return features if fits else None


def extract_features(
    dataset: str,
    base: str,
    report: Report,
    should_stop: ShouldStop,
    model: "keras.Model | None" = None,
) -> Features:
    """The features of a data set, from disk or else by running the base once over all its images.

    Args:
        dataset: prepared.
        base: one of ``cnn.model.pretrained_bases.BASES``.
        report: called with progress events.
        should_stop: called before each batch.
        model: the base itself if it is loaded already; loading it takes a second.

    Raises:
        DatasetError: the data set is not prepared.
        ModelError: the base's weights are not on this machine.
        Stopped: ``should_stop`` returned true; no partial result is stored.
    """
    splits = {name: catalog.load(dataset, name) for name in SPLITS}

    def waiting() -> None:
        raise_if_stopped(should_stop)
        report(progress("Waiting for another job that works out the same features", 0, None, "images"))

    file = features_file(dataset, base)
    with exclusive_lock(file.parent, file.stem, waiting):
        if (stored := load_features(dataset, base)) is not None:
            return stored
        extract = feature_extractor(base, model)
        total, done = sum(map(len, splits.values())), 0
        report_done = progress_meter(report, f"Showing every image to {BASES[base].title}, once", total, "images")
        report_done(0)
        features: Features = {}
        with ThreadPoolExecutor(THREADS) as pool:
            pending = {
                name: _submit_batches(extract, split, BASES[base].input_shape, pool) for name, split in splits.items()
            }
            try:
                for name, futures in pending.items():
                    rows = []
                    for future in futures:
                        raise_if_stopped(should_stop)
                        rows.append(future.result())
                        done += len(rows[-1])
                        report_done(done)
                    # Rounded as on disk, so that a second run on the stored features gives the same head.
                    features[name] = np.concatenate(rows).astype(np.float16).astype(np.float32)
            finally:
                pool.shutdown(cancel_futures=True)
        write_whole(file, partial(_write, features))
    return features


def feature_extractor(base: str, model: "keras.Model | None" = None) -> Callable[[np.ndarray], np.ndarray]:
    """A function from images uint8 (N, side, side, 3), 0-255, to a base's features float32 (N, features).

    Raises:
        ModelError: there is no such base, or its weights are not on this machine.
    """
    import keras
    import tensorflow as tf

    # A private API, safe while TensorFlow is pinned. With constants for variables, batch normalisation is folded into
    # the convolutions, which saves a quarter of the time.
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    model = model or base_model(base)
    pooled = keras.Model(model.inputs, pooling(model)(model.output))
    signature = [tf.TensorSpec((None, *BASES[base].input_shape), tf.uint8)]
    run = tf.function(lambda images: pooled([images], training=False), input_signature=signature)
    frozen = convert_variables_to_constants_v2(run.get_concrete_function())
    return lambda images: np.asarray(frozen(tf.constant(images))[0])


def _submit_batches(
    extract: Callable[[np.ndarray], np.ndarray], split: Split, shape: tuple[int, int, int], pool: ThreadPoolExecutor
) -> list[Future[np.ndarray]]:
    """Start extracting a split's features; one future per batch, in order."""

    def extract_batch(start: int) -> np.ndarray:
        return extract(split.fitted(range(start, min(start + BATCH, len(split))), shape))

    return [pool.submit(extract_batch, start) for start in range(0, len(split), BATCH)]


def _write(features: Features, path: Path) -> None:
    # An open file, because NumPy appends ".npz" to a name that does not end in it.
    with path.open("wb") as file:
        # Half precision: 150 MB for CIFAR-10 instead of 300, and no difference to a head.
        half_precision: dict[str, Any] = {name: rows.astype(np.float16) for name, rows in features.items()}
        np.savez(file, **half_precision)
