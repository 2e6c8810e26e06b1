"""Laying out data sets: the result against TFDS, and interrupted or failing layouts."""

import errno
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow_datasets as tfds

from cnn.data import catalog
from cnn.data.images import fit_to
from cnn.data.lay_out import lay_out
from cnn.data.split import EncodedImages, is_laid_out, read_split
from cnn.progress import Stopped


class FirstImages:
    """The first images of a prepared TFDS set, so that laying out real data is fast."""

    def __init__(self, builder, **parts):
        self._builder, self._parts = builder, parts
        splits = {name: builder.info.splits[part] for name, part in parts.items()}
        self.info = SimpleNamespace(splits=splits, features=builder.info.features)

    def as_dataset(self, split, **settings):
        return self._builder.as_dataset(split=self._parts[split], **settings)


def never_stop():
    return False


def ignore_event(event):
    pass


@pytest.fixture(scope="module")
def cifar10(prepared_data):
    return tfds.builder("cifar10", data_dir=prepared_data / "tfds")


@pytest.fixture(scope="module")
def laid_out_cifar10(cifar10, tmp_path_factory):
    folder = tmp_path_factory.mktemp("layout") / "cifar10"
    events = []
    builder = FirstImages(cifar10, train="train[:1200]", test="test[:300]")
    lay_out(builder, folder, catalog.info("cifar10"), events.append, never_stop)
    return folder, events


@pytest.fixture(scope="module")
def laid_out_cats_and_dogs(prepared_data, tmp_path_factory):
    builder = tfds.builder("cats_vs_dogs", data_dir=prepared_data / "tfds")
    folder = tmp_path_factory.mktemp("layout") / "cats_vs_dogs"
    lay_out(builder, folder, catalog.info("cats_vs_dogs"), ignore_event, never_stop)
    return builder, folder


def test_cifar10_equals_what_tfds_yields(cifar10, laid_out_cifar10):
    folder, _ = laid_out_cifar10
    expected = list(tfds.as_numpy(cifar10.as_dataset(split="train[:1200]")))
    images, labels = np.stack([e["image"] for e in expected]), np.array([e["label"] for e in expected])
    train, validation, test = (read_split(folder, split) for split in ("train", "validation", "test"))
    assert (len(train), len(validation), len(test)) == (1080, 120, 300)
    for split in (train, validation):
        images_taken = split.take(range(len(split)))
        assert images_taken.dtype == np.uint8
        assert split.labels.dtype == np.int64
        np.testing.assert_array_equal(images_taken, images[split.indices])
        np.testing.assert_array_equal(split.labels, labels[split.indices])
    first = next(iter(tfds.as_numpy(cifar10.as_dataset(split="test"))))
    np.testing.assert_array_equal(test.image(0), first["image"])


def test_images_of_one_size_are_memory_mapped(laid_out_cifar10):
    split = read_split(laid_out_cifar10[0], "train")
    assert isinstance(split.images, np.memmap)
    assert split.images.mode == "r"
    assert np.shares_memory(split.image(7), split.images)
    with pytest.raises(ValueError, match="read-only"):
        split.image(7)[0, 0, 0] = 0


def test_progress_counts_all_images(laid_out_cifar10):
    events = laid_out_cifar10[1]
    counts = [event["done"] for event in events]
    assert counts[-1] == 1500
    assert counts == sorted(counts)
    assert {event["total"] for event in events} == {1500}
    assert events[-1]["seconds_left"] == 0


def test_photos_keep_their_bytes_and_are_split_80_10_10(laid_out_cats_and_dogs):
    builder, folder = laid_out_cats_and_dogs
    raw = builder.as_dataset(split="train", decoders={"image": tfds.decode.SkipDecoding()})
    expected = [(example["image"], int(example["label"])) for example in tfds.as_numpy(raw)]
    rows_of = {"train": range(3040), "validation": range(3040, 3420), "test": range(3420, 3800)}
    for name, rows in rows_of.items():
        split = read_split(folder, name)
        assert isinstance(split.images, EncodedImages)
        assert len(split) == len(rows)
        assert [split.images.encoded(i) for i in split.indices] == [expected[row][0] for row in rows]
        assert split.labels.tolist() == [expected[row][1] for row in rows]


def test_photos_are_decoded_as_in_tfds(laid_out_cats_and_dogs):
    builder, folder = laid_out_cats_and_dogs
    split = read_split(folder, "train")
    for position, example in zip(range(5), tfds.as_numpy(builder.as_dataset(split="train")), strict=False):
        image = split.image(position)
        assert image.dtype == np.uint8
        assert image.shape == example["image"].shape
        assert np.abs(image.astype(int) - example["image"]).mean() < 2  # two JPEG decoders
    np.testing.assert_array_equal(
        split.take([3, 0]), [fit_to(split.image(position), (64, 64, 3)) for position in (3, 0)]
    )


def test_boxes_are_laid_out(tmp_path):
    examples = [
        {"image": np.full((2, 2, 1), n, np.uint8), "label": n, "bbox": np.float32([0, 0.1, n, 1])} for n in (0, 1)
    ]
    folder = lay_out_examples(tmp_path, {"train": examples * 10, "test": examples})
    np.testing.assert_array_equal(read_split(folder, "test").boxes, np.float32([[0, 0.1, 0, 1], [0, 0.1, 1, 1]]))
    validation = read_split(folder, "validation")
    np.testing.assert_array_equal(validation.boxes[:, 2], validation.labels)


def lay_out_examples(tmp_path, splits, report=ignore_event, should_stop=never_stop):
    """Lay out the given examples through a minimal TFDS builder."""

    class Builder:
        info = SimpleNamespace(
            splits={name: SimpleNamespace(num_examples=len(examples)) for name, examples in splits.items()},
            features={"image": SimpleNamespace(shape=splits["train"][0]["image"].shape)},
        )

        def as_dataset(self, split, **settings):
            import tensorflow as tf

            columns = {key: np.stack([e[key] for e in splits[split]]) for key in splits[split][0]}
            return tf.data.Dataset.from_tensor_slices(columns)

    folder = tmp_path / "data" / "digits"
    lay_out(Builder(), folder, catalog.info("digits"), report, should_stop)
    return folder


THOUSAND_EXAMPLES = [{"image": np.zeros((2, 2, 1), np.uint8), "label": 0}] * 1000


def test_stopping_leaves_nothing(tmp_path):
    with pytest.raises(Stopped):
        lay_out_examples(tmp_path, {"train": THOUSAND_EXAMPLES, "test": THOUSAND_EXAMPLES}, should_stop=lambda: True)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_full_disk_keeps_the_old_copy(tmp_path, monkeypatch):
    folder = lay_out_examples(tmp_path, {"train": THOUSAND_EXAMPLES[:20], "test": THOUSAND_EXAMPLES[:20]})

    def fail(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", fail)
    with pytest.raises(OSError, match="No space"):
        lay_out_examples(tmp_path, {"train": THOUSAND_EXAMPLES, "test": THOUSAND_EXAMPLES})
    assert len(read_split(folder, "test")) == 20
    assert [path.name for path in folder.parent.iterdir()] == ["digits"]


def test_leftovers_of_a_killed_layout_do_not_affect_the_next(tmp_path):
    leftover = tmp_path / "data" / "incomplete.digits"
    leftover.mkdir(parents=True)
    (leftover / "train.images.npy").write_bytes(b"half")
    assert not is_laid_out(tmp_path / "data" / "digits")
    folder = lay_out_examples(tmp_path, {"train": THOUSAND_EXAMPLES, "test": THOUSAND_EXAMPLES})
    assert is_laid_out(folder)
    assert not leftover.exists()
    assert len(read_split(folder, "train")) == 900
