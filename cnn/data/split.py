"""A data set laid out for random access, which TFDS' TFRECORDs lack.

Where all images have one size, a split is one uint8 array on disk, memory-mapped (64 random CIFAR-10 images in 1 ms, no
copy of the whole). Where sizes vary, it is the images' encoded originals one after the other, with their offsets, and
beside them such an array of what a network of its own sees of them.
"""

import io
import json
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from PIL import Image

from cnn.data.datasets import PHOTO_SIDE, validation_indices
from cnn.data.images import fit_to
from cnn.data.tf_data_options import without_autotune
from cnn.errors import DatasetError
from cnn.home import write_json
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped


class ImageSequence(Protocol):
    """Images by number: an array (N, H, W, C), or encoded images of many sizes, each uint8 (h, w, C)."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any) -> Any: ...


class EncodedImages:
    """Images of many sizes in one file, decoded when asked for.

    ``images[i]`` is uint8 (h, w, 3); ``images.encoded(i)`` its original JPEG or PNG bytes.
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
        """(height, width), read from the header alone."""
        width, height = Image.open(io.BytesIO(self.encoded(index))).size
        return height, width

    def __getitem__(self, index: int) -> np.ndarray:
        path = Path(str(self._bytes.filename))
        again = f"Delete the folder {path.parent} and prepare the data set again."
        return _decoded(self.encoded(index), f"Image {index} in {path}", again)


@dataclass(frozen=True)
class Split:
    """One split, in a fixed order.

    Attributes:
        images: all images of the file this split is cut from; use with ``indices``, or call ``image``.
        small: uint8 (M, H, W, C), as a network of its own sees them; ``images`` itself where all have one size.
        indices: int64 (N,), which of ``images`` are in this split.
        labels: int64 (N,), the class of each, 0 .. number of classes - 1.
        boxes: float32 (N, 4) ymin, xmin, ymax, xmax in 0..1, or None where the set has no boxes.
    """

    images: ImageSequence
    small: np.ndarray
    indices: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """The images at ``positions`` as a network of its own sees them, uint8 (n, H, W, C)."""
        return np.asarray(self.small[self.indices[np.asarray(positions, np.int64)]])

    def fitted(self, positions: Sequence[int] | np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
        """The images at ``positions`` as a network that takes ``shape`` sees them, uint8 (n, *shape)."""
        if shape == self.small.shape[1:]:
            return self.take(positions)
        # From the originals: a network for 160 pixels gets more from them than from what was made small.
        fitted = [fit_to(self.image(int(position)), shape) for position in positions]
        return np.stack(fitted) if fitted else np.zeros((0, *shape), np.uint8)

    def image(self, position: int) -> np.ndarray:
        """The image at ``position`` of this split as it is, uint8 (h, w, C)."""
        return np.asarray(self.images[int(self.indices[position])])


def is_laid_out(folder: Path) -> bool:
    """Whether ``folder`` holds a whole laid-out data set (its last file is written last)."""
    return (folder / "splits.json").is_file()


def lay_out(builder: Any, folder: Path, info: Any, report: Report, should_stop: ShouldStop) -> None:
    """Write the prepared TFDS set of ``builder`` to ``folder``, all of it or nothing.

    Two processes must not do it at once; ``cnn.data.catalog.prepare`` sees to that.

    Args:
        builder: a prepared ``tfds.core.DatasetBuilder`` with features ``image`` and ``label`` (and maybe ``bbox``).
        info: the set's ``DatasetInfo``.

    Raises:
        OSError: the disk is full.
        Stopped: ``should_stop`` said so.
    """
    partial = folder.with_name(f"incomplete.{folder.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    instructions = _instructions(builder)
    counts = {split: int(builder.info.splits[part].num_examples) for split, part in instructions.items()}
    write = _write_fixed if info.shape[0] else _write_encoded
    total, done = sum(counts.values()), 0
    step = progress_meter(report, f"Laying out {info.title}", total, "images")
    try:
        for split, instruction in instructions.items():
            with closing(write(builder, instruction, partial, split)) as written:
                for _ in written:
                    done += 1
                    if done % 100 == 0 or done == total:
                        raise_if_stopped(should_stop)
                        step(done)
        np.save(partial / "validation.npy", validation_indices(counts["train"], info.validation))
        write_json(partial / "splits.json", counts)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def read_split(folder: Path, split: str) -> Split:
    """One split of a laid-out set.

    Raises:
        DatasetError: a file is missing or does not fit the others.
    """
    part = "test" if split == "test" else "train"
    try:
        counts = json.loads((folder / "splits.json").read_text())
        labels = np.load(folder / f"{part}.labels.npy")
        small = np.load(folder / f"{part}.images.npy", mmap_mode="r")
        images: ImageSequence = small
        if (folder / f"{part}.photos.bin").exists():
            images = EncodedImages(folder / f"{part}.photos.bin", np.load(folder / f"{part}.offsets.npy"))
        boxes_file = folder / f"{part}.boxes.npy"
        boxes = np.load(boxes_file) if boxes_file.exists() else None
        validation = np.load(folder / "validation.npy")
        if not counts[part] == len(labels) == len(images) == len(small):
            raise ValueError("the numbers of images and labels differ")
        everything = np.arange(len(labels))
        chosen = {"test": everything, "validation": validation, "train": np.setdiff1d(everything, validation)}[split]
        return Split(images, small, chosen, labels[chosen].astype(np.int64), None if boxes is None else boxes[chosen])
    except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise DatasetError(
            f"The prepared copy of {folder.name} is damaged ({error}). Delete the folder {folder} and prepare it again."
        ) from error


def _instructions(builder: Any) -> dict[str, str]:
    """TFDS split instructions for training (with validation) and test; a set with one split is cut 80/10/10."""
    if "test" in builder.info.splits:
        return {"train": "train", "test": "test"}
    return {"train": "train[:90%]", "test": "train[90%:]"}


def write_photos(
    photos: Iterable[tuple[bytes, int]], count: int, folder: Path, part: str
) -> Generator[None, None, None]:
    """Write photos of many sizes as one part ("train" or "test") of a set; yields after each.

    Args:
        photos: (JPEG or PNG bytes, label) of each of the ``count`` photos.

    Raises:
        DatasetError: one is damaged.
    """
    shape = (PHOTO_SIDE, PHOTO_SIDE, 3)
    labels, offsets = [], [0]
    with (folder / f"{part}.photos.bin").open("wb") as file, (folder / f"{part}.images.npy").open("wb") as small:
        _write_header(small, (count, *shape))
        for number, (encoded, label) in enumerate(photos):
            offsets.append(offsets[-1] + file.write(encoded))
            small.write(fit_to(_decoded(encoded, f"Image {number} of what was to be laid out"), shape).tobytes())
            labels.append(label)
            yield
    np.save(folder / f"{part}.labels.npy", np.asarray(labels, np.int64))
    np.save(folder / f"{part}.offsets.npy", np.asarray(offsets, np.int64))


def _write_fixed(builder: Any, instruction: str, folder: Path, part: str) -> Generator[None, None, None]:
    labels, boxes = [], []
    # Written, not mapped: on a full disk a mapped file kills the process instead of raising an error.
    with (folder / f"{part}.images.npy").open("wb") as file:
        count = builder.info.splits[instruction].num_examples
        _write_header(file, (count, *builder.info.features["image"].shape))
        for example in _examples(builder, instruction):
            file.write(example["image"].tobytes())
            labels.append(example["label"])
            if "bbox" in example:
                boxes.append(example["bbox"])
            yield
    np.save(folder / f"{part}.labels.npy", np.asarray(labels, np.int64))
    if boxes:
        np.save(folder / f"{part}.boxes.npy", np.asarray(boxes, np.float32))


def _write_encoded(builder: Any, instruction: str, folder: Path, part: str) -> Generator[None, None, None]:
    import tensorflow_datasets as tfds

    examples = _examples(builder, instruction, decoders={"image": tfds.decode.SkipDecoding()})
    photos = ((example["image"], example["label"]) for example in examples)
    yield from write_photos(photos, builder.info.splits[instruction].num_examples, folder, part)


def _write_header(file: IO[bytes], shape: tuple[int, ...]) -> None:
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _examples(builder: Any, instruction: str, decoders: Any = None) -> Iterator[dict[str, Any]]:
    import tensorflow_datasets as tfds

    read = tfds.ReadConfig(try_autocache=False, options=without_autotune())
    yield from tfds.as_numpy(builder.as_dataset(split=instruction, read_config=read, decoders=decoders))


def _decoded(encoded: bytes, what: str, mend: str = "Fetch the data set again.") -> np.ndarray:
    try:
        return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's plugins raise all three
        raise DatasetError(f"{what} is damaged. {mend}") from error
