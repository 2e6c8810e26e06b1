from dataclasses import replace

import numpy as np
import pytest

from cnn.data import catalog
from cnn.data.images import fit_to
from cnn.training.config import TrainConfig
from cnn.training.pipeline import (
    Examples,
    batches,
    held_out_examples,
    steps_per_epoch,
    training_batches,
    training_examples,
    validation_batches,
    watched_positions,
)
from tests.prepared_data import link_data

SIZE = 16


def read(dataset):
    return [tuple(part.numpy() for part in batch) for batch in dataset]


def image_keys(images):
    return [image.tobytes() for image in images]


def all_images(examples):
    return examples.take(np.arange(len(examples)))


@pytest.fixture
def config(digits):
    return TrainConfig(epochs=3, batch_size=SIZE, training_images=40, seed=7)


def test_an_epoch_shows_every_image_once_with_its_label(config):
    examples = training_examples(config)
    labels = dict(zip(image_keys(all_images(examples)), examples.labels.tolist(), strict=True))
    assert len(labels) == 40
    read_batches = read(training_batches(config, examples, 0))
    assert [len(images) for images, _ in read_batches] == [16, 16, 8] * 3
    assert steps_per_epoch(examples, config.batch_size) == 3
    orders = []
    for epoch in range(3):
        images, shown = (np.concatenate(part) for part in zip(*read_batches[3 * epoch : 3 * epoch + 3], strict=True))
        assert images.dtype == np.uint8
        assert shown.dtype == np.int64
        assert sorted(image_keys(images)) == sorted(labels)
        assert [labels[key] for key in image_keys(images)] == shown.tolist()
        orders.append(image_keys(images))
    assert orders[0] != orders[1] != orders[2] != orders[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"augmentation": "none"},
        {"augmentation": "strong"},
        {"augmentation": "rand-augment"},
        {"label_smoothing": 0.1},
        {"augmentation": "light", "mix_up": 0.4, "cut_mix": 1.0},
    ],
    ids=str,
)
def test_starting_at_a_later_epoch_gives_the_same_batches(digits, settings):
    config = TrainConfig(epochs=3, batch_size=SIZE, training_images=40, **settings)
    examples = training_examples(config)
    whole, later = read(training_batches(config, examples, 0)), read(training_batches(config, examples, 2))
    assert len(later) == 3
    for (images, labels), (images_later, labels_later) in zip(whole[6:], later, strict=True):
        np.testing.assert_array_equal(images, images_later)
        np.testing.assert_array_equal(labels, labels_later)


def test_augmentation_differs_from_step_to_step_and_keeps_labels(digits):
    plain, varied = (
        TrainConfig(epochs=2, batch_size=SIZE, training_images=16, augmentation=name) for name in ("none", "light")
    )
    examples = training_examples(plain)
    still, moved = read(training_batches(plain, examples, 0)), read(training_batches(varied, examples, 0))
    np.testing.assert_array_equal([labels for _, labels in still], [labels for _, labels in moved])
    first, second = moved[0][0], moved[1][0]
    assert first.dtype == np.uint8
    keys, later_keys = image_keys(first), image_keys(second)
    assert set(keys).isdisjoint(later_keys) or sorted(keys) != sorted(later_keys)
    assert sorted(image_keys(still[0][0])) == sorted(image_keys(still[1][0]))


def test_labels_are_mixed_as_the_images_are_and_those_held_out_stay_whole(digits):
    plain = TrainConfig(epochs=2, batch_size=SIZE, training_images=16)
    config = replace(plain, mix_up=1.0)
    examples = training_examples(plain)
    for (images, labels), (mixed, fractions) in zip(
        read(training_batches(plain, examples, 0)), read(training_batches(config, examples, 0)), strict=True
    ):
        assert mixed.dtype == np.uint8
        assert fractions.shape == (SIZE, 10)
        np.testing.assert_allclose(fractions.sum(axis=1), 1, atol=1e-6)
        # Mixing pairs each image with one of the batch, so each class keeps at least its own image's part.
        assert (fractions[np.arange(SIZE), labels] > 0).all()
        assert (mixed != images).any()
    held_out = held_out_examples(config, "validation")
    parts = read(validation_batches(config, held_out, 50, None))
    np.testing.assert_array_equal(np.concatenate([part[1] for part in parts]), np.eye(10)[held_out.labels])


def test_held_out_images_have_the_weights_of_their_classes_whether_labels_are_whole_or_fractions(digits):
    held_out, weights = held_out_examples(TrainConfig(), "validation"), np.arange(10) / 4
    for config in (TrainConfig(), TrainConfig(label_smoothing=0.1)):
        parts = read(validation_batches(config, held_out, 50, weights))
        np.testing.assert_array_equal(np.concatenate([part[2] for part in parts]), weights[held_out.labels])
        assert parts[0][1].shape == ((50, 10) if config.label_smoothing else (50,))


def test_evaluation_reads_everything_in_order(digits):
    examples = held_out_examples(TrainConfig(), "validation")
    parts = read(batches(examples, 50))
    assert [len(images) for images, _ in parts] == [50, 50, 44]
    images, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    split = catalog.load("digits", "validation")
    np.testing.assert_array_equal(images, split.take(range(len(split))))
    np.testing.assert_array_equal(labels, split.labels)


def test_images_stay_on_disk_until_they_are_taken(digits):
    examples = training_examples(TrainConfig())
    assert isinstance(examples.images, np.memmap)
    assert not isinstance(examples.take([1, 2]), np.memmap)


def test_no_image_is_in_two_splits(digits):
    config = TrainConfig()
    splits = [training_examples(config), held_out_examples(config, "validation"), held_out_examples(config, "test")]
    assert [len(examples) for examples in splits] == [1293, 144, 360]
    assert len({key for examples in splits for key in image_keys(all_images(examples))}) == 1797


def test_a_subset_of_the_images_is_chosen_by_the_seed(digits):
    subsets = [training_examples(TrainConfig(training_images=64, seed=seed)) for seed in (0, 0, 1)]
    whole = training_examples(TrainConfig())
    rows = [subset.rows.tolist() for subset in subsets]
    assert rows[0] == rows[1] != rows[2]
    assert len(set(rows[0])) == 64
    assert set(rows[0]) <= set(whole.rows.tolist())
    labels = dict(zip(whole.rows.tolist(), whole.labels.tolist(), strict=True))
    assert [labels[row] for row in rows[0]] == subsets[0].labels.tolist()


def test_shuffled_labels_are_random_in_training_only(digits):
    config, plain = TrainConfig(shuffled_labels=True), TrainConfig()
    random, real = training_examples(config), training_examples(plain)
    np.testing.assert_array_equal(random.rows, real.rows)
    assert 0.07 < (random.labels == real.labels).mean() < 0.13
    assert set(random.labels.tolist()) == set(range(10))
    np.testing.assert_array_equal(random.labels, training_examples(config).labels)
    for split in ("validation", "test"):
        np.testing.assert_array_equal(held_out_examples(config, split).labels, catalog.load("digits", split).labels)


def test_pixels_are_shuffled_alike_in_all_splits(digits):
    config, plain = TrainConfig(shuffled_pixels=True, seed=3), TrainConfig(seed=3)
    pairs = [(training_examples(config), training_examples(plain))]
    pairs += [(held_out_examples(config, split), held_out_examples(plain, split)) for split in ("validation", "test")]
    flat = [[all_images(examples).reshape(len(examples), -1) for examples in pair] for pair in pairs]
    moved, still = (np.concatenate(part) for part in zip(*flat, strict=True))
    assert not np.array_equal(moved, still)
    # With an image per row, the columns (one per pixel) are the same in another order.
    assert sorted(moved.T.tolist()) == sorted(still.T.tolist())


def test_watched_images_are_spread_over_the_classes():
    labels = np.array([0] * 50 + [1] * 3 + [2] * 2)
    examples = Examples(np.zeros((55, 2, 2, 1), np.uint8), np.arange(55), labels)
    chosen = watched_positions(examples)
    assert len(set(chosen.tolist())) == 12
    assert np.bincount(labels[chosen]).tolist() == [7, 3, 2]
    np.testing.assert_array_equal(chosen, watched_positions(examples))
    assert len(watched_positions(Examples(np.zeros((5, 2, 2, 1), np.uint8), np.arange(5), labels[:5]))) == 5


def test_photos_are_cropped_square_and_shrunk(laid_out, cnn_home):
    link_data(cnn_home, laid_out("cats_vs_dogs"), "cats_vs_dogs")
    examples = training_examples(TrainConfig("cats_vs_dogs", training_images=8, batch_size=8))
    split = catalog.load("cats_vs_dogs", "train")
    assert len(split) == 3040
    random = np.random.default_rng([0, 1])
    positions = np.sort(random.permutation(3040)[:8])
    expected = [fit_to(split.image(position), (64, 64, 3)) for position in positions]
    np.testing.assert_array_equal(all_images(examples), expected)
    np.testing.assert_array_equal(examples.labels, split.labels[positions])


@pytest.mark.parametrize("augmentation", ["none", "strong"])
def test_no_pipeline_starts_the_autotune_thread_that_may_delay_its_end(digits, augmentation):
    config = TrainConfig(epochs=1, batch_size=SIZE, training_images=40, augmentation=augmentation)
    examples = training_examples(config)
    for dataset in (training_batches(config, examples, 0), batches(examples, SIZE)):
        assert dataset.options().autotune.enabled is False
