"""Image statistics against direct NumPy computations."""

import numpy as np
import pytest

from cnn.data import statistics
from cnn.data.split import Split


@pytest.fixture
def split(monkeypatch) -> Split:
    monkeypatch.setattr(statistics, "CHUNK", 7)  # so that 30 images make several chunks
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (40, 6, 5, 3), np.uint8)
    return Split(images, images, np.arange(5, 35), random.integers(0, 3, 30))


def test_measures_equal_numpy_on_all_images_at_once(split):
    images = split.take(np.arange(30)).astype(np.float64)
    measures = statistics.measure_images(split, 4)
    np.testing.assert_allclose(measures.brightness, images.mean(axis=(1, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(measures.contrast, images.std(axis=(1, 2, 3)), rtol=1e-4)
    for label in range(3):
        members = split.labels == label
        mean = images[members].mean(axis=0)
        np.testing.assert_allclose(measures.class_means[label], mean, rtol=1e-5)
        distances = np.sqrt(((images[members] - mean) ** 2).mean(axis=(1, 2, 3)))
        np.testing.assert_allclose(measures.distance_from_mean[members], distances, rtol=1e-4)
    assert not measures.class_means[3].any()


def test_nearest_images_start_with_the_image_itself(split):
    images = split.take(np.arange(30)).astype(np.float64)
    distances = ((images - images[11]) ** 2).sum(axis=(1, 2, 3))
    np.testing.assert_array_equal(statistics.nearest_images(split, split.image(11), 5), np.argsort(distances)[:5])


def test_histograms_count_every_pixel_once():
    image = np.zeros((4, 4, 3), np.uint8)
    image[..., 1] = 255
    image[0, 0, 2] = 130
    histograms = statistics.histograms(image)
    assert histograms.sum() == 48
    assert histograms[0, 0] == 16
    assert histograms[1, 31] == 16
    assert histograms[2, 16] == 1


def test_sorting_positions_is_stable():
    values = np.array([3.0, 1.0, 3.0, 2.0])
    np.testing.assert_array_equal(statistics.sort_positions(values, [0, 1, 2, 3]), [1, 3, 0, 2])
    np.testing.assert_array_equal(statistics.sort_positions(values, [0, 2, 3], largest_first=True), [0, 2, 3])
