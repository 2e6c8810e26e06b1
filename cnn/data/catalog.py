"""Catalogue of the data sets: their descriptions, preparation and contents.

All except visitors' own sets come from TensorFlow Datasets. TFDS stores TFRECORDs, which can only be read in order, so
each set is laid out once for random access (``cnn.data.split``) below ``CNN_HOME/data``; pages and training read that.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnn import home
from cnn.data.datasets import DATASETS, DatasetInfo
from cnn.data.download.fetch import fetch, is_fetched
from cnn.data.lay_out import lay_out
from cnn.data.own import own_datasets, sharing
from cnn.data.split import Split, is_laid_out, read_split
from cnn.errors import DatasetError
from cnn.files import exclusive_lock
from cnn.progress import Report, ShouldStop, progress, raise_if_stopped


def names() -> list[str]:
    """Names of all public data sets, built-in ones first."""
    return list(DATASETS)


def is_known(name: str) -> bool:
    """Whether there is a data set ``name``."""
    try:
        info(name)
    except DatasetError:
        return False
    return True


def info(name: str) -> DatasetInfo:
    """Description of the data set ``name``, public or a visitor's own.

    Raises:
        DatasetError: there is no such data set.
    """
    if own_datasets.is_own(name):
        return own_datasets.info(name)
    if name not in DATASETS:
        raise DatasetError(f"There is no data set called “{str(name)[:40]}”. Choose one of: {', '.join(DATASETS)}.")
    return DATASETS[name]


def network_shape(name: str) -> tuple[int, int, int]:
    """``info(name).network_shape``."""
    return info(name).network_shape


def folder(name: str) -> Path:
    """Folder of the laid-out copy of ``name``, existing or not."""
    return home.home() / "data" / info(name).name


def tfds_folder() -> Path:
    """Folder of the sets prepared by TFDS: ``TFDS_DATA_DIR`` or a default below ``CNN_HOME``."""
    return Path(os.environ.get("TFDS_DATA_DIR") or home.home() / "tfds")


def is_prepared(name: str) -> bool:
    """Whether ``load`` can read ``name``."""
    return is_laid_out(folder(name))


def counts(name: str) -> tuple[int, int]:
    """Numbers of training (including validation) and test images, of the prepared copy if there is one."""
    dataset_info = info(name)
    if not is_prepared(name):
        return dataset_info.train, dataset_info.test
    return len(load(name, "train")) + len(load(name, "validation")), len(load(name, "test"))


def needs_download(name: str) -> bool:
    """Whether preparing ``name`` requires a download."""
    dataset_info = info(name)
    if dataset_info.builtin or dataset_info.own or is_prepared(name):
        return False
    return not is_fetched(dataset_info.builder, tfds_folder())


@lru_cache(maxsize=64)
def _read(root: str, split: str) -> Split:
    return read_split(Path(root), split)


def load(name: str, split: str) -> Split:
    """Load one split of a prepared data set, memory-mapped so that images are read only when used.

    Args:
        name: a data set of ``names()``.
        split: "train", "validation" or "test"; the three are disjoint.

    Raises:
        DatasetError: the set is unknown or not prepared, or the split is unknown.
    """
    if split not in ("train", "validation", "test"):
        raise DatasetError(f"There is no split called “{split[:40]}”. Choose train, validation or test.")
    if not is_prepared(name):
        if info(name).own:
            raise DatasetError(sharing.why_without_images(name))
        raise DatasetError(
            f"The data set {info(name).title} is not prepared on this machine yet. "
            "Prepare it on the Images page, or with: python -m cnn datasets --prepare " + name
        )
    return _read(str(folder(name)), split)


def prepare(name: str, report: Report, should_stop: ShouldStop) -> None:
    """Download ``name`` if necessary and lay it out for random access. Does nothing if it is already prepared.

    Waits if another process is preparing the same set.

    Args:
        report: called with progress events.
        should_stop: polled frequently.

    Raises:
        DatasetError: the download failed; the message says what to do about it.
        Stopped: ``should_stop`` returned True; partial results are removed.
    """
    if is_prepared(name):
        return
    dataset_info = info(name)

    def waiting() -> None:
        raise_if_stopped(should_stop)
        report(progress(f"Waiting for another job that prepares {dataset_info.title}", 0, None, "images"))

    with exclusive_lock(folder(name).parent, f"{name}-layout", waiting):
        if not is_prepared(name):
            builder = _prepare_tfds_builder(dataset_info, report, should_stop)
            lay_out(builder, folder(name), dataset_info, report, should_stop)


def _prepare_tfds_builder(dataset_info: DatasetInfo, report: Report, should_stop: ShouldStop) -> Any:
    """The prepared TFDS builder of a set."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    if not dataset_info.builtin:
        if not is_fetched(dataset_info.builder, tfds_folder()):
            fetch(dataset_info, tfds_folder(), report, should_stop)
        return tfds.builder(dataset_info.builder, data_dir=str(tfds_folder()))
    from cnn.data.builtin.digits import Digits
    from cnn.data.builtin.shapes import Shapes

    report(progress(f"Making {dataset_info.title}", 0, None, "images"))
    family, _, config = dataset_info.builder.partition("/")
    builder_class: type[tfds.core.DatasetBuilder] = Digits if family == "digits" else Shapes
    builder = builder_class(config=config or None, data_dir=str(home.home() / "tfds"))
    builder.download_and_prepare()
    return builder


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``prepare``; ``settings`` is {"dataset": name}."""
    prepare(str(settings["dataset"]), report, should_stop)
