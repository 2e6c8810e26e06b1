"""A network written to a file, loaded from it anew, and both asked about the same images."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnn.errors import ModelError
from cnn.model.predict import Predict, predictor

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class RoundTrip:
    """What became of a network that was saved and loaded.

    Attributes:
        bytes: size of the file.
        before: float32 (N, classes), the probabilities that the network gives.
        after: the same of the network that was loaded from the file.
    """

    bytes: int
    before: np.ndarray
    after: np.ndarray

    @property
    def largest(self) -> float:
        """The greatest difference between two probabilities, 0..1."""
        return float(np.abs(self.before - self.after).max())


def round_trip(model: "keras.Model", predict: Predict, images: np.ndarray, pixel_seed: int | None = None) -> RoundTrip:
    """Write a network to a ``.keras`` file, load that file, and ask both networks.

    Args:
        model: outputs logits, one per class or a single one for two classes; it is only read.
        predict: its function from images to probabilities, as ``predictor`` makes it.
        images: uint8 (N, H, W, C), 0-255, of the network's input size, at least one.
        pixel_seed: seed of the pixel permutation the model was trained with, or None.

    Raises:
        ModelError: the file could not be written or read.

    Source: Keras documentation, "Save, serialize, and export models".
    """
    import keras

    try:
        with tempfile.TemporaryDirectory(prefix="convnet-lab-") as folder:
            file = Path(folder) / "model.keras"
            model.save(file)
            size = file.stat().st_size
            loaded = keras.saving.load_model(file, compile=False, safe_mode=True)
    except OSError as error:
        raise ModelError(
            f"The network could not be written to a file and read again ({error.strerror or error}). Make room on the "
            "server's disk, and try once more."
        ) from error
    return RoundTrip(size, predict(images), predictor(loaded, pixel_seed)(images))
