"""Duplicates and near duplicates against direct comparisons of all pairs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnn.data import catalog, duplicates, statistics
from cnn.data.split import Split


def split_of(images: np.ndarray) -> Split:
    return Split(images, images, np.arange(len(images)), np.zeros(len(images), np.int64))


def correlations_of_all_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson's correlation of every pair of images, float64 (N, M)."""
    flat = [images.reshape(len(images), -1).astype(np.float64) for images in (first, second)]
    return np.corrcoef(*flat)[: len(first), len(first) :]


@pytest.fixture
def random(monkeypatch: pytest.MonkeyPatch) -> np.random.Generator:
    monkeypatch.setattr(statistics, "CHUNK", 7)  # so that 30 images make several chunks
    return np.random.default_rng(0)


def test_duplicates_are_pairs_of_identical_images(random: np.random.Generator) -> None:
    images = random.integers(0, 256, (30, 6, 5, 3), np.uint8)
    first, second = split_of(images), split_of(np.stack([images[3], images[3], images[20], 255 - images[1]]))
    assert duplicates.find_duplicates(first, second) == [(3, 0), (3, 1), (20, 2)]
    assert duplicates.find_duplicates(second, first) == [(0, 3), (1, 3), (2, 20)]


@pytest.mark.parametrize("size", [(8, 12), (6, 5)])  # the second does not divide into blocks
def test_near_duplicates_are_all_pairs_that_correlate_enough(random: np.random.Generator, size) -> None:
    first = random.integers(0, 256, (30, *size, 3)).astype(np.float64)
    # From nearly the same to hardly alike, some darker, one of a single colour.
    noise = random.normal(0, 1, first.shape) * np.linspace(0, 90, 30)[:, None, None, None]
    second = np.clip(0.8 * first + noise, 0, 255)
    second[5] = 80
    first, second = first.round().astype(np.uint8), second.round().astype(np.uint8)
    with np.errstate(invalid="ignore"):
        expected = np.nan_to_num(correlations_of_all_pairs(first, second))
    for at_least in (0.5, 0.9):
        pairs = duplicates.find_near_duplicates(split_of(first), split_of(second), at_least)
        assert {pair[:2] for pair in pairs} == set(zip(*np.nonzero(expected >= at_least), strict=True))
        assert 3 < len(pairs) < 30
        np.testing.assert_allclose([pair.correlation for pair in pairs], [expected[p[:2]] for p in pairs], atol=1e-5)
        assert sorted(pairs, key=lambda pair: -pair.correlation) == pairs


def test_no_near_duplicate_of_real_photos_is_left_out(
    laid_out: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_HOME", str(laid_out("cifar10")))
    first, second = (catalog.load("cifar10", name).take(np.arange(1500)) for name in ("train", "test"))
    expected = np.argwhere(correlations_of_all_pairs(first, second) >= 0.8)
    pairs = duplicates.find_near_duplicates(split_of(first), split_of(second), 0.8)
    assert sorted([pair.first, pair.second] for pair in pairs) == expected.tolist()
    assert len(pairs) > 3
