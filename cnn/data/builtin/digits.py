"""The built-in data set ``digits``: 1,797 real handwritten digits, built from scikit-learn's copy without a network."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIZE = 32

_DESCRIPTION = """
1,797 real handwritten digits, bright ink on black. Thirteen people wrote them on paper; the scans were reduced to 8x8
counts of ink (0-16), as shipped with scikit-learn, and are shown here as 32x32 grey images (bilinear).
The split is random and keeps the classes' shares, so the same writers appear in train and test: a network is
examined on new digits, not on new handwriting.
"""

_CITATION = """
@misc{alpaydin1998optical,
  author = {Alpaydin, Ethem and Kaynak, Cenk},
  title  = {Optical Recognition of Handwritten Digits},
  year   = {1998},
  publisher = {UCI Machine Learning Repository},
  doi    = {10.24432/C50P49}
}
"""


def enlarge(counts: np.ndarray) -> np.ndarray:
    """Enlarge one digit to the size that networks see.

    Args:
        counts: (8, 8), ink counts, 0-16.

    Returns:
        uint8 (32, 32, 1), 0 (paper) to 255 (ink): scaled, rounded, then resized with Pillow's bilinear filter.
    """
    grey = Image.fromarray(np.round(counts * 255 / 16).astype(np.uint8))
    return np.asarray(grey.resize((SIZE, SIZE), Image.Resampling.BILINEAR))[..., None]


def split_indices() -> dict[str, np.ndarray]:
    """Indices of scikit-learn's 1,797 digits in each split: ``train`` 1,437 and ``test`` 360, int64, ascending.

    Uses ``train_test_split`` with ``test_size=0.2``, stratified by class, ``random_state=0``.
    """
    labels = load_digits().target
    train, test = train_test_split(np.arange(len(labels)), test_size=0.2, stratify=labels, random_state=0)
    return {"train": np.sort(train), "test": np.sort(test)}


class Digits(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of ``digits``.

    Features: ``image`` uint8 (32, 32, 1), 0-255; ``label`` int64, 0-9.

    Source: Alpaydin & Kaynak (1998), https://doi.org/10.24432/C50P49, licence CC BY 4.0.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012 - the form TFDS expects

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(SIZE, SIZE, 1), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(names=[str(digit) for digit in range(10)]),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
            citation=_CITATION,
            license="CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {split: self._generate_examples(indices) for split, indices in split_indices().items()}

    def _generate_examples(self, indices: np.ndarray) -> Iterator[tuple[int, dict[str, Any]]]:
        digits = load_digits()
        for index in indices.tolist():
            yield index, {"image": enlarge(digits.images[index]), "label": int(digits.target[index])}
