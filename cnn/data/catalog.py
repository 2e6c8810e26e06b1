"""Which data sets there are, whether they are prepared, and what is in them.

Everything comes through TensorFlow Datasets. TFDS stores TFRECORDs, which can only be read in order, so each set is
laid out once for random access (``cnn.data.layout``) below ``CNN_HOME/data``; pages and training read that.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cnn import home
from cnn.data.layout import Split, is_laid_out, lay_out, read_split, validation_indices
from cnn.errors import DatasetError

PHOTO_SIDE = 64

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a data set before any of it is on disk.

    Attributes:
        name: our name, as in links and on the command line.
        shape: (height, width, channels); height and width are None where every image has its own.
        train: number of training images, validation included; a prepared copy may hold fewer.
        test: number of test images.
        validation: how validation is cut from training: "seeded" (10 % by a fixed permutation) or "tail".
        builder: the TFDS builder's name and config, as in "shapes/left_right".
        builtin: made on this machine without network.
    """

    name: str
    title: str
    about: str
    class_names: tuple[str, ...]
    shape: tuple[int | None, int | None, int]
    train: int
    test: int
    licence: str
    citation: str
    builder: str
    builtin: bool = False
    validation: str = "seeded"

    @property
    def held_out(self) -> int:
        """How many of the training images are held out for validation."""
        return len(validation_indices(self.train, self.validation))


_DIGITS = tuple("0123456789")
_SHAPES = ("circle", "square", "triangle", "star", "heart", "moon", "cross", "arrow")

DATASETS = {
    info.name: info
    for info in (
        DatasetInfo(
            "digits",
            "Handwritten digits",
            "1,797 real digits written by 13 people, as small grey images. Built in.",
            _DIGITS,
            (32, 32, 1),
            1437,
            360,
            "CC BY 4.0",
            "Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.",
            "digits",
            builtin=True,
        ),
        DatasetInfo(
            "shapes",
            "Drawn shapes",
            "10,000 drawn objects of eight kinds, at any place, size and colour. Built in.",
            _SHAPES,
            (32, 32, 3),
            8000,
            2000,
            "CC0, drawn by this project",
            "Convnet Lab, cnn/data/shapes.py.",
            "shapes/default",
            builtin=True,
        ),
        DatasetInfo(
            "shapes-left-right",
            "Drawn shapes, left and right",
            "The same shapes, all in the left half for training and in the right half for the test. Built in.",
            _SHAPES,
            (32, 32, 3),
            8000,
            2000,
            "CC0, drawn by this project",
            "Convnet Lab, cnn/data/shapes.py.",
            "shapes/left_right",
            builtin=True,
        ),
        DatasetInfo(
            "cifar10",
            "CIFAR-10",
            "60,000 tiny colour photos of ten things: the tutorial's data set.",
            ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
            (32, 32, 3),
            50000,
            10000,
            "No explicit licence; free for research and teaching with citation",
            "Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images.",
            "cifar10",
        ),
        DatasetInfo(
            "cats_vs_dogs",
            "Cats and dogs",
            "Photos of cats and dogs in every size and shape.",
            ("cat", "dog"),
            (None, None, 3),
            20936,
            2326,
            "Released by Microsoft Research and Petfinder for research use",
            "Elson, Douceur, Howell & Saul (2007), Asirra: a CAPTCHA that exploits interest-aligned manual image "
            "categorization.",
            "cats_vs_dogs",
            validation="tail",
        ),
        DatasetInfo(
            "mnist",
            "MNIST",
            "70,000 handwritten digits, the classic.",
            _DIGITS,
            (28, 28, 1),
            60000,
            10000,
            "CC BY-SA 3.0",
            "LeCun, Cortes & Burges (2010), MNIST handwritten digit database.",
            "mnist",
        ),
        DatasetInfo(
            "fashion_mnist",
            "Fashion-MNIST",
            "70,000 small grey pictures of clothes, made to be harder than digits.",
            (
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ),
            (28, 28, 1),
            60000,
            10000,
            "MIT",
            "Xiao, Rasul & Vollgraf (2017), arXiv:1708.07747.",
            "fashion_mnist",
        ),
    )
}


def names() -> list[str]:
    """The names of all data sets, built-in ones first."""
    return list(DATASETS)


def info(name: str) -> DatasetInfo:
    """What is known of the data set ``name``.

    Raises:
        DatasetError: there is no such data set.
    """
    if name not in DATASETS:
        raise DatasetError(f"There is no data set called “{str(name)[:40]}”. Choose one of: {', '.join(DATASETS)}.")
    return DATASETS[name]


def network_shape(name: str) -> tuple[int, int, int]:
    """(height, width, channels) at which a network of its own sees the images of ``name``.

    Photos of many sizes are cut square from the middle and made 64 x 64.
    """
    height, width, channels = info(name).shape
    return (height or PHOTO_SIDE, width or PHOTO_SIDE, channels)


def folder(name: str) -> Path:
    """Where the laid-out copy of ``name`` is or will be."""
    return home.home() / "data" / info(name).name


def tfds_folder() -> Path:
    """Where TFDS keeps its prepared sets: ``TFDS_DATA_DIR``, or a folder of the app's own."""
    return Path(os.environ.get("TFDS_DATA_DIR") or home.home() / "tfds")


def is_prepared(name: str) -> bool:
    """Whether ``load`` can read ``name`` at once."""
    return is_laid_out(folder(name))


def needs_download(name: str) -> bool:
    """Whether preparing ``name`` would have to fetch it from the internet first."""
    from cnn.data.download import is_fetched

    known = info(name)
    return not (known.builtin or is_prepared(name) or is_fetched(known.builder, tfds_folder()))


@cache
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
        raise DatasetError(
            f"The data set {info(name).title} is not prepared on this machine yet. "
            "Prepare it on the Images page, or with: python -m cnn datasets --prepare " + name
        )
    return _read(str(folder(name)), split)


def prepare(name: str, report: Report, should_stop: Callable[[], bool]) -> None:
    """Fetch ``name`` if need be and lay it out for random access. Does nothing when that is done already.

    Who comes while another process does the same waits for it.

    Args:
        report: called with progress events: {"type": "progress", "what", "done", "total", "unit", "seconds_left"}.
        should_stop: asked often; once it is true, everything half done is removed and ``DownloadStopped`` raised.

    Raises:
        DatasetError: it could not be fetched, with what to do about it.
        cnn.data.download.DownloadStopped: ``should_stop`` said so.
    """
    if is_prepared(name):
        return
    from cnn.data.download import DownloadStopped
    from cnn.data.leftovers import sole_use

    known = info(name)

    def waiting() -> None:
        if should_stop():
            raise DownloadStopped
        report(_started(f"Waiting for another job that prepares {known.title}"))

    with sole_use(folder(name).parent, f"{name}-layout", waiting):
        if not is_prepared(name):
            lay_out(_tfds_builder(known, report, should_stop), folder(name), known, report, should_stop)


def _tfds_builder(known: DatasetInfo, report: Report, should_stop: Callable[[], bool]) -> Any:
    """The TFDS builder of a set, fetched or made."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    if not known.builtin:
        from cnn.data.download import fetch, is_fetched

        if not is_fetched(known.builder, tfds_folder()):
            fetch(known.builder, tfds_folder(), report, should_stop)
        return tfds.builder(known.builder, data_dir=str(tfds_folder()))
    from cnn.data.digits import Digits
    from cnn.data.shapes import Shapes

    report(_started(f"Making {known.title}"))
    family, _, config = known.builder.partition("/")
    made: type[tfds.core.DatasetBuilder] = Digits if family == "digits" else Shapes
    builder = made(config=config or None, data_dir=str(home.home() / "tfds"))
    builder.download_and_prepare()
    return builder


def _started(what: str) -> dict[str, Any]:
    return {"type": "progress", "what": what, "done": 0, "total": None, "unit": "images", "seconds_left": None}


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: Callable[[], bool]) -> None:
    """The job of kind ``prepare``: ``settings`` is {"dataset": name}; the set goes to ``CNN_HOME/data``."""
    prepare(str(settings["dataset"]), report, should_stop)
