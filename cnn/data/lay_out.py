"""Lays out a data set for random access, completely or not at all; ``cnn.data.split`` reads the result."""

import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import numpy as np

from cnn.data.datasets import PHOTO_SIDE, DatasetInfo, validation_indices
from cnn.data.images import fit_to
from cnn.data.split import decode_stored
from cnn.data.tf_data_options import without_autotune
from cnn.files import write_json
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped


def lay_out(builder: Any, folder: Path, info: DatasetInfo, report: Report, should_stop: ShouldStop) -> None:
    """Write the prepared TFDS set of ``builder`` to ``folder``, completely or not at all.

    Two processes must not do this at the same time; ``cnn.data.catalog.prepare`` makes sure of that.

    Args:
        builder: a prepared ``tfds.core.DatasetBuilder`` with features ``image``, ``label`` and optionally ``bbox``.

    Raises:
        OSError: the disk is full.
        Stopped: ``should_stop`` returned True.
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
            with closing(write(builder, instruction, partial, split)) as writer:
                for _ in writer:
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


def _instructions(builder: Any) -> dict[str, str]:
    """TFDS split instructions for training (including validation) and test; a set with one split becomes 80/10/10."""
    if "test" in builder.info.splits:
        return {"train": "train", "test": "test"}
    return {"train": "train[:90%]", "test": "train[90%:]"}


def write_photos(
    photos: Iterable[tuple[bytes, int]], count: int, folder: Path, part: str
) -> Generator[None, None, None]:
    """Write photos of different sizes as one part ("train" or "test") of a set; yields after each.

    Args:
        photos: (JPEG or PNG bytes, label) of each of the ``count`` photos.

    Raises:
        DatasetError: a photo is damaged.
    """
    shape = (PHOTO_SIDE, PHOTO_SIDE, 3)
    labels, offsets = [], [0]
    with (folder / f"{part}.photos.bin").open("wb") as file, (folder / f"{part}.images.npy").open("wb") as small:
        _write_header(small, (count, *shape))
        for index, (encoded, label) in enumerate(photos):
            offsets.append(offsets[-1] + file.write(encoded))
            small.write(fit_to(decode_stored(encoded, f"Image {index} of what was to be laid out"), shape).tobytes())
            labels.append(label)
            yield
    np.save(folder / f"{part}.labels.npy", np.asarray(labels, np.int64))
    np.save(folder / f"{part}.offsets.npy", np.asarray(offsets, np.int64))


def _write_fixed(builder: Any, instruction: str, folder: Path, part: str) -> Generator[None, None, None]:
    labels, boxes = [], []
    # Not memory-mapped: on a full disk, writing to a mapped file kills the process instead of raising an error.
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

    read_config = tfds.ReadConfig(try_autocache=False, options=without_autotune())
    yield from tfds.as_numpy(builder.as_dataset(split=instruction, read_config=read_config, decoders=decoders))
