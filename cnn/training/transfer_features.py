"""What a pretrained base makes of a data set, worked out once and kept: a head then trains in seconds.

The base stays as it is, so its numbers for an image never change; kept by data set, base and size of the images, of the
built-in base also by when it was trained.
"""

import zipfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnn.data import catalog
from cnn.data.split import Split
from cnn.files import sole_use, write_whole
from cnn.home import home
from cnn.model import store
from cnn.model.pretrained_bases import BASES, BUILT_FROM, base_model, pooling
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped

if TYPE_CHECKING:
    import keras

SPLITS = ("train", "validation", "test")
BATCH = 32
THREADS = 2  # one reads and resizes while the other computes; two batches at once also fill the cores better

Features = dict[str, np.ndarray]
"""A split's name -> float32 (N, features), in the order of the split."""


def features_file(dataset: str, base: str) -> Path:
    """Where the features of a data set are or will be."""
    # After an update of this app its own base may have been trained anew.
    trained = f"-{store.card(BUILT_FROM).created}" if base == "built-in" else ""
    return home() / "features" / f"{dataset}-{base}-{BASES[base].side}{trained}.npz"


def kept_features(dataset: str, base: str) -> Features | None:
    """The features of a data set if they are on disk; a damaged file counts as none."""
    try:
        with np.load(features_file(dataset, base), allow_pickle=False) as file:
            found = {split: file[split].astype(np.float32) for split in SPLITS}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None
    # A visitor's set can be deleted and another prepared copy can hold other images.
    fits = all(len(found[split]) == len(catalog.load(dataset, split)) for split in SPLITS)
    return found if fits else None


def base_features(
    dataset: str,
    base: str,
    report: Report,
    should_stop: ShouldStop,
    model: "keras.Model | None" = None,
) -> Features:
    """The features of a data set: from disk, else the base runs once over all its images.

    Args:
        dataset: prepared.
        base: one of ``cnn.model.pretrained_bases.BASES``.
        report: called with progress events.
        should_stop: asked before each batch.
        model: the base itself, if it is at hand: making it takes a second.

    Raises:
        DatasetError: the data set is not prepared.
        ModelError: the base's weights are not here.
        Stopped: ``should_stop`` said so; nothing half done is kept.
    """
    parts = {split: catalog.load(dataset, split) for split in SPLITS}

    def waiting() -> None:
        raise_if_stopped(should_stop)
        report(progress("Waiting for another job that works out the same features", 0, None, "images"))

    file = features_file(dataset, base)
    with sole_use(file.parent, file.stem, waiting):
        if (found := kept_features(dataset, base)) is not None:
            return found
        ask = extractor(base, model)
        total, done = sum(map(len, parts.values())), 0
        step = progress_meter(report, f"Showing every image to {BASES[base].title}, once", total, "images")
        step(0)
        made: Features = {}
        with ThreadPoolExecutor(THREADS) as pool:
            coming = {name: _looks(ask, split, BASES[base].input_shape, pool) for name, split in parts.items()}
            try:
                for name, looks in coming.items():
                    rows = []
                    for look in looks:
                        raise_if_stopped(should_stop)
                        rows.append(look.result())
                        done += len(rows[-1])
                        step(done)
                    # As they are kept, so that a second run on them gives the same head.
                    made[name] = np.concatenate(rows).astype(np.float16).astype(np.float32)
            finally:
                pool.shutdown(cancel_futures=True)
        write_whole(file, partial(_write, made))
    return made


def extractor(base: str, model: "keras.Model | None" = None) -> Callable[[np.ndarray], np.ndarray]:
    """The function from images to a base's features: uint8 (N, side, side, 3), 0-255 -> float32 (N, features).

    Raises:
        ModelError: there is no such base, or its weights are not here.
    """
    import keras
    import tensorflow as tf

    # Not public, and pinned with TensorFlow: with constants for variables batch normalisation melts into the
    # convolutions, which saves a quarter of the time.
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    model = model or base_model(base)
    pooled = keras.Model(model.inputs, pooling(model)(model.output))
    given = [tf.TensorSpec((None, *BASES[base].input_shape), tf.uint8)]
    run = tf.function(lambda images: pooled([images], training=False), input_signature=given)
    frozen = convert_variables_to_constants_v2(run.get_concrete_function())
    return lambda images: np.asarray(frozen(tf.constant(images))[0])


def _looks(
    ask: Callable[[np.ndarray], np.ndarray], split: Split, shape: tuple[int, int, int], pool: ThreadPoolExecutor
) -> list[Future[np.ndarray]]:
    """What a base will have made of each batch of a split, in order."""

    def look(start: int) -> np.ndarray:
        return ask(split.fitted(range(start, min(start + BATCH, len(split))), shape))

    return [pool.submit(look, start) for start in range(0, len(split), BATCH)]


def _write(made: Features, path: Path) -> None:
    # An open file, because NumPy adds ".npz" to a name that does not end so.
    with path.open("wb") as file:
        # Half precision: of CIFAR-10 it is 150 MB instead of 300, and a head cannot tell the difference.
        np.savez(file, **{name: rows.astype(np.float16) for name, rows in made.items()})  # type: ignore[arg-type]
