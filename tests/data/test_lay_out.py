import errno
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from cnn.data import catalog
from cnn.data.datasets import validation_indices
from cnn.data.images import fit_to
from cnn.data.lay_out import lay_out
from cnn.data.split import EncodedImages, is_laid_out, read_split
from cnn.errors import DatasetError
from cnn.progress import Stopped


class Part:
    """The first images of a prepared TFDS set, so that real data is laid out in a moment."""

    def __init__(self, builder, **parts):
        self._builder, self._parts = builder, parts
        splits = {name: builder.info.splits[part] for name, part in parts.items()}
        self.info = SimpleNamespace(splits=splits, features=builder.info.features)

    def as_dataset(self, split, **settings):
        return self._builder.as_dataset(split=self._parts[split], **settings)


def go_on():
    return False


def ignore(event):
    pass


@pytest.fixture(scope="module")
def cifar10(prepared_data):
    return tfds.builder("cifar10", data_dir=prepared_data / "tfds")


@pytest.fixture(scope="module")
def some_cifar10(cifar10, tmp_path_factory):
    folder = tmp_path_factory.mktemp("layout") / "cifar10"
    events = []
    part = Part(cifar10, train="train[:1200]", test="test[:300]")
    lay_out(part, folder, catalog.info("cifar10"), events.append, go_on)
    return folder, events


@pytest.fixture(scope="module")
def cats_and_dogs(prepared_data, tmp_path_factory):
    builder = tfds.builder("cats_vs_dogs", data_dir=prepared_data / "tfds")
    folder = tmp_path_factory.mktemp("layout") / "cats_vs_dogs"
    lay_out(builder, folder, catalog.info("cats_vs_dogs"), ignore, go_on)
    return builder, folder


@pytest.fixture
def drawn(tmp_path):
    """A small hand-made copy of 20 + 5 images, one grey value each."""
    folder = tmp_path / "drawn"
    folder.mkdir()
    for part, count in (("train", 20), ("test", 5)):
        images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 6, 1), np.uint8)
        np.save(folder / f"{part}.images.npy", images)
        np.save(folder / f"{part}.labels.npy", np.arange(count) % 3)
    np.save(folder / "validation.npy", np.array([3, 8]))
    (folder / "splits.json").write_text(json.dumps({"train": 20, "test": 5}))
    return folder


def test_cifar10_is_what_tfds_iterates_over(cifar10, some_cifar10):
    folder, _ = some_cifar10
    expected = list(tfds.as_numpy(cifar10.as_dataset(split="train[:1200]")))
    images, labels = np.stack([e["image"] for e in expected]), np.array([e["label"] for e in expected])
    train, validation, test = (read_split(folder, split) for split in ("train", "validation", "test"))
    assert (len(train), len(validation), len(test)) == (1080, 120, 300)
    for split in (train, validation):
        taken = split.take(range(len(split)))
        assert taken.dtype == np.uint8
        assert split.labels.dtype == np.int64
        np.testing.assert_array_equal(taken, images[split.indices])
        np.testing.assert_array_equal(split.labels, labels[split.indices])
    first = next(iter(tfds.as_numpy(cifar10.as_dataset(split="test"))))
    np.testing.assert_array_equal(test.image(0), first["image"])


def test_images_of_one_size_stay_on_disk(some_cifar10):
    split = read_split(some_cifar10[0], "train")
    assert isinstance(split.images, np.memmap)
    assert split.images.mode == "r"
    assert np.shares_memory(split.image(7), split.images)
    with pytest.raises(ValueError, match="read-only"):
        split.image(7)[0, 0, 0] = 0


def test_progress_counts_up_to_all_images(some_cifar10):
    events = some_cifar10[1]
    counts = [event["done"] for event in events]
    assert counts[-1] == 1500
    assert counts == sorted(counts)
    assert {event["total"] for event in events} == {1500}
    assert events[-1]["seconds_left"] == 0


def test_photos_keep_their_files_and_are_cut_80_10_10(cats_and_dogs):
    builder, folder = cats_and_dogs
    raw = builder.as_dataset(split="train", decoders={"image": tfds.decode.SkipDecoding()})
    expected = [(example["image"], int(example["label"])) for example in tfds.as_numpy(raw)]
    places = {"train": range(3040), "validation": range(3040, 3420), "test": range(3420, 3800)}
    for name, rows in places.items():
        split = read_split(folder, name)
        assert isinstance(split.images, EncodedImages)
        assert len(split) == len(rows)
        assert [split.images.encoded(i) for i in split.indices] == [expected[row][0] for row in rows]
        assert split.labels.tolist() == [expected[row][1] for row in rows]


def test_a_photo_is_decoded_as_tfds_does(cats_and_dogs):
    builder, folder = cats_and_dogs
    split = read_split(folder, "train")
    for position, example in zip(range(5), tfds.as_numpy(builder.as_dataset(split="train")), strict=False):
        image = split.image(position)
        assert image.dtype == np.uint8
        assert image.shape == example["image"].shape
        assert np.abs(image.astype(int) - example["image"]).mean() < 2  # two JPEG decoders
    np.testing.assert_array_equal(
        split.take([3, 0]), [fit_to(split.image(position), (64, 64, 3)) for position in (3, 0)]
    )


def test_boxes_come_along(tmp_path):
    examples = [
        {"image": np.full((2, 2, 1), n, np.uint8), "label": n, "bbox": np.float32([0, 0.1, n, 1])} for n in (0, 1)
    ]
    folder = lay_out_examples(tmp_path, {"train": examples * 10, "test": examples})
    np.testing.assert_array_equal(read_split(folder, "test").boxes, np.float32([[0, 0.1, 0, 1], [0, 0.1, 1, 1]]))
    validation = read_split(folder, "validation")
    np.testing.assert_array_equal(validation.boxes[:, 2], validation.labels)


def test_train_and_validation_share_no_image():
    for rule in ("seeded", "tail"):
        held_out = validation_indices(3420, rule)
        assert held_out.tolist() == sorted(set(held_out.tolist()))
        assert held_out.dtype == np.int64
    assert len(validation_indices(50_000, "seeded")) == 5000
    assert validation_indices(3420, "tail").tolist() == list(range(3040, 3420))
    np.testing.assert_array_equal(validation_indices(1437, "seeded"), validation_indices(1437, "seeded"))


def test_three_splits_of_a_copy(drawn):
    train, validation, test = (read_split(drawn, split) for split in ("train", "validation", "test"))
    assert validation.take([0, 1])[:, 0, 0, 0].tolist() == [3, 8]
    assert train.take(range(18))[:, 0, 0, 0].tolist() == [n for n in range(20) if n not in (3, 8)]
    assert test.take([4, 0])[:, 0, 0, 0].tolist() == [4, 0]
    assert test.labels.tolist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.images.npy", b""),
        ("train.images.npy", b"\x93NUMPY\x01\x00"),
        ("train.images.npy", None),
        ("train.labels.npy", b"not an array"),
        ("train.labels.npy", b""),
        ("validation.npy", b""),
        ("splits.json", b"{"),
        ("splits.json", b"[]"),
        ("splits.json", b"{}"),
        ("splits.json", b'{"train": 21}'),
    ],
)
def test_a_damaged_copy_is_one_sentence(drawn, name, content):
    (drawn / name).write_bytes(content) if content is not None else (drawn / name).unlink()
    with pytest.raises(DatasetError, match=r"The prepared copy of drawn is damaged .* prepare it again\.$"):
        read_split(drawn, "train")


def test_a_copy_cut_short_is_one_sentence(drawn):
    whole = (drawn / "train.images.npy").read_bytes()
    (drawn / "train.images.npy").write_bytes(whole[:-1])
    with pytest.raises(DatasetError, match="damaged"):
        read_split(drawn, "train")


def test_validation_of_another_copy_is_one_sentence(drawn):
    np.save(drawn / "validation.npy", np.array([3, 99]))
    with pytest.raises(DatasetError, match="damaged"):
        read_split(drawn, "validation")


def test_photos_cut_short_or_damaged_are_one_sentence(tmp_path):
    file = io.BytesIO()
    Image.new("L", (5, 3), 200).save(file, "PNG")
    png = file.getvalue()
    path = tmp_path / "train.images.bin"
    path.write_bytes(png + png[:40])
    images = EncodedImages(path, np.array([0, len(png), len(png) + 40]))
    assert images[0].shape == (3, 5, 3)
    assert (images[0] == 200).all()
    with pytest.raises(DatasetError, match=r"Image 1 in .* is damaged"):
        images[1]
    with pytest.raises(ValueError, match="instead of"):
        EncodedImages(path, np.array([0, len(png), len(png) + 41]))


def lay_out_examples(tmp_path, splits, report=ignore, should_stop=go_on):
    """Lay out examples given by hand, as a TFDS builder would hand them over."""

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


THOUSAND = [{"image": np.zeros((2, 2, 1), np.uint8), "label": 0}] * 1000


def test_stopped_on_the_way_it_leaves_nothing(tmp_path):
    with pytest.raises(Stopped):
        lay_out_examples(tmp_path, {"train": THOUSAND, "test": THOUSAND}, should_stop=lambda: True)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_full_disk_leaves_the_old_copy(tmp_path, monkeypatch):
    folder = lay_out_examples(tmp_path, {"train": THOUSAND[:20], "test": THOUSAND[:20]})

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space"):
        lay_out_examples(tmp_path, {"train": THOUSAND, "test": THOUSAND})
    assert len(read_split(folder, "test")) == 20
    assert [path.name for path in folder.parent.iterdir()] == ["digits"]


def test_what_a_killed_layout_left_is_no_copy_and_does_not_disturb_the_next(tmp_path):
    left = tmp_path / "data" / "incomplete.digits"
    left.mkdir(parents=True)
    (left / "train.images.npy").write_bytes(b"half")
    assert not is_laid_out(tmp_path / "data" / "digits")
    folder = lay_out_examples(tmp_path, {"train": THOUSAND, "test": THOUSAND})
    assert is_laid_out(folder)
    assert not left.exists()
    assert len(read_split(folder, "train")) == 900
