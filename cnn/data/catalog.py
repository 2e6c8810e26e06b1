"""Which data sets there are, whether they are prepared, and what is in them.

Everything comes through TensorFlow Datasets. TFDS stores TFRECORDs, which can only be read in order, so each set is
laid out once for random access (``cnn.data.split``) below ``CNN_HOME/data``; pages and training read that.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnn import home
from cnn.data.datasets import DATASETS, DatasetInfo
from cnn.data.download.fetch import fetch, is_fetched
from cnn.data.lay_out import lay_out
from cnn.data.own import own_datasets
from cnn.data.split import Split, is_laid_out, read_split
from cnn.errors import DatasetError
from cnn.files import sole_use
from cnn.progress import Report, ShouldStop, progress, raise_if_stopped


def names() -> list[str]:
    """The names of all data sets that everybody has, built-in ones first."""
    return list(DATASETS)


def is_known(name: str) -> bool:
    """Whether ``info`` would answer."""
    try:
        info(name)
    except DatasetError:
        return False
    return True


def info(name: str) -> DatasetInfo:
    """What is known of the data set ``name``, which may be a visitor's own.

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
    """Where the laid-out copy of ``name`` is or will be."""
    return home.home() / "data" / info(name).name


def tfds_folder() -> Path:
    """Where TFDS keeps its prepared sets: ``TFDS_DATA_DIR``, or a folder of the app's own."""
    return Path(os.environ.get("TFDS_DATA_DIR") or home.home() / "tfds")


def is_prepared(name: str) -> bool:
    """Whether ``load`` can read ``name`` at once."""
    return is_laid_out(folder(name))


def counts(name: str) -> tuple[int, int]:
    """Training images, validation included, and test images; of the prepared copy, which may hold fewer, if any."""
    known = info(name)
    if not is_prepared(name):
        return known.train, known.test
    return len(load(name, "train")) + len(load(name, "validation")), len(load(name, "test"))


def needs_download(name: str) -> bool:
    """Whether preparing ``name`` would have to fetch it from the internet first."""
    known = info(name)
    return not (known.builtin or known.own or is_prepared(name) or is_fetched(known.builder, tfds_folder()))


@lru_cache(maxsize=64)
def _read(root: str, split: str) -> Split:
    return read_split(Path(root), split)


def load(name: str, split: str) -> Split:
    """One split of a prepared data set, read from disk as it is used (memory-mapped, never copied whole).

    Args:
        name: a data set of ``names()``.
        split: "train", "validation" or "test": three sets with no image in common.

    Raises:
        DatasetError: the set is unknown or not prepared, or there is no such split.
    """
    if split not in ("train", "validation", "test"):
        raise DatasetError(f"There is no split called “{split[:40]}”. Choose train, validation or test.")
    if not is_prepared(name):
        if (known := info(name)).own:
            raise DatasetError(f"The images of “{known.title}” were deleted, so they can no longer be shown.")
        raise DatasetError(
            f"The data set {info(name).title} is not prepared on this machine yet. "
            "Prepare it on the Images page, or with: python -m cnn datasets --prepare " + name
        )
    return _read(str(folder(name)), split)


def prepare(name: str, report: Report, should_stop: ShouldStop) -> None:
    """Fetch ``name`` if need be and lay it out for random access. Does nothing when that is done already.

    Who comes while another process does the same waits for it.

    Args:
        report: called with progress events.
        should_stop: asked often.

    Raises:
        DatasetError: it could not be fetched, with what to do about it.
        Stopped: ``should_stop`` said so; everything half done is removed.
    """
    if is_prepared(name):
        return
    known = info(name)

    def waiting() -> None:
        raise_if_stopped(should_stop)
        report(progress(f"Waiting for another job that prepares {known.title}", 0, None, "images"))

    with sole_use(folder(name).parent, f"{name}-layout", waiting):
        if not is_prepared(name):
            lay_out(_tfds_builder(known, report, should_stop), folder(name), known, report, should_stop)


def _tfds_builder(known: DatasetInfo, report: Report, should_stop: ShouldStop) -> Any:
    """The TFDS builder of a set, fetched or made."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    if not known.builtin:
        if not is_fetched(known.builder, tfds_folder()):
            fetch(known, tfds_folder(), report, should_stop)
        return tfds.builder(known.builder, data_dir=str(tfds_folder()))
    from cnn.data.builtin.digits import Digits
    from cnn.data.builtin.shapes import Shapes

    report(progress(f"Making {known.title}", 0, None, "images"))
    family, _, config = known.builder.partition("/")
    made: type[tfds.core.DatasetBuilder] = Digits if family == "digits" else Shapes
    builder = made(config=config or None, data_dir=str(home.home() / "tfds"))
    builder.download_and_prepare()
    return builder


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``prepare``: ``settings`` is {"dataset": name}; the set goes to ``CNN_HOME/data``."""
    prepare(str(settings["dataset"]), report, should_stop)
