"""Reading of data sets laid out for random access, which TFDS' TFRECORDs lack.

If all images have one size, a split is one memory-mapped uint8 array on disk (64 random CIFAR-10 images take 1 ms). If
sizes vary, it is the concatenated encoded originals with their offsets, plus such an array of the images at network
size.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from cnn.data.images import fit_to
from cnn.errors import DamagedFileError, DatasetError
from cnn.stored_files import read_array, read_object, whole


class ImageSequence(Protocol):
    """Images by index: an array (N, H, W, C), or encoded images of different sizes, each uint8 (h, w, C)."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any) -> Any: ...


class EncodedImages:
    """Images of different sizes in one file, decoded on access.

    ``images[i]`` is uint8 (h, w, 3); ``images.encoded(i)`` is its original JPEG or PNG bytes.
    """

    def __init__(self, path: Path, offsets: np.ndarray) -> None:
        self._bytes = np.memmap(path, np.uint8, "r")
        self._offsets = offsets
        if offsets[-1] != len(self._bytes):
            raise ValueError(f"{path.name} has {len(self._bytes):,} bytes instead of {offsets[-1]:,}")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def encoded(self, index: int) -> bytes:
        return self._bytes[self._offsets[index] : self._offsets[index + 1]].tobytes()

    def size(self, index: int) -> tuple[int, int]:
        """(height, width), read from the header only."""
        width, height = Image.open(io.BytesIO(self.encoded(index))).size
        return height, width

    def __getitem__(self, index: int) -> np.ndarray:
        path = Path(str(self._bytes.filename))
        advice = f"Delete the folder {path.parent} and prepare the data set again."
        return decode_stored(self.encoded(index), f"Image {index} in {path}", advice)


@dataclass(frozen=True)
class Split:
    """One split of a data set, in a fixed order.

    Attributes:
        images: all M images of the underlying file; index them with ``indices``, or call ``image``.
        small: uint8 (M, H, W, C), ``images`` at network size; the same object if all images have one size.
        indices: int64 (N,), indices into ``images`` of this split's images.
        labels: int64 (N,), class indices, 0 .. number of classes - 1.
        boxes: float32 (N, 4) ymin, xmin, ymax, xmax in 0..1, or None if the set has no boxes.
        name: "train", "validation" or "test"; empty for images that are no split of a data set.
    """

    images: ImageSequence
    small: np.ndarray
    indices: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray | None = None
    name: str = ""

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """The images at ``positions`` at network size, uint8 (n, H, W, C)."""
        return np.asarray(self.small[self.indices[np.asarray(positions, np.int64)]])

    def fitted(self, positions: Sequence[int] | np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
        """The images at ``positions`` fitted to a network input of ``shape``, uint8 (n, *shape)."""
        if shape == self.small.shape[1:]:
            return self.take(positions)
        # From the originals: for an input of 160 pixels they hold more detail than the small copies.
        fitted = [fit_to(self.image(int(position)), shape) for position in positions]
        return np.stack(fitted) if fitted else np.zeros((0, *shape), np.uint8)

    def image(self, position: int) -> np.ndarray:
        """The original image at ``position``, uint8 (h, w, C)."""
        return np.asarray(self.images[int(self.indices[position])])


def is_laid_out(folder: Path) -> bool:
    """Whether ``folder`` holds a complete laid-out data set; ``splits.json`` is written last."""
    return (folder / "splits.json").is_file()


def read_split(folder: Path, split: str) -> Split:
    """Read one split of a laid-out set.

    Raises:
        DatasetError: a file is missing or inconsistent with the others.
    """
    part = "test" if split == "test" else "train"
    try:
        count = whole(read_object(folder / "splits.json"), part, 0, 10**9)
        labels = read_array(folder / f"{part}.labels.npy", (count,), 0)
        small = np.load(folder / f"{part}.images.npy", mmap_mode="r")
        images: ImageSequence = small
        if (folder / f"{part}.photos.bin").exists():
            offsets = read_array(folder / f"{part}.offsets.npy", (count + 1,), 0)
            images = EncodedImages(folder / f"{part}.photos.bin", offsets)
        boxes_file = folder / f"{part}.boxes.npy"
        boxes = read_array(boxes_file, (count, 4)) if boxes_file.exists() else None
        validation = read_array(folder / "validation.npy", (None,), 0)
        numbers = (labels, validation)
        fit = count == len(images) == len(small) and small.dtype == np.uint8 and small.ndim == 4
        if not fit or any(array.dtype.kind not in "iu" for array in numbers):
            raise ValueError("images and labels do not fit each other")
        every = np.arange(len(labels))
        indices = {"test": every, "validation": validation, "train": np.setdiff1d(every, validation)}[split]
        boxes = None if boxes is None else boxes[indices]
        return Split(images, small, indices, labels[indices].astype(np.int64), boxes, split)
    except (DamagedFileError, OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise DatasetError(
            f"The prepared copy of {folder.name} is damaged ({error}). Delete the folder {folder} and prepare it again."
        ) from error


def decode_stored(encoded: bytes, subject: str, advice: str = "Fetch the data set again.") -> np.ndarray:
    """Decode a JPEG or PNG of a laid-out set: uint8 (h, w, 3).

    Raises:
        DatasetError: it is damaged; the message begins with ``subject`` and ends with ``advice``.
    """
    try:
        return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's plugins raise all three
        raise DatasetError(f"{subject} is damaged. {advice}") from error
