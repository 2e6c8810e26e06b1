import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.analysis.evaluation import shifts
from cnn.data.builtin import shape_drawing
from cnn.data.builtin.shape_drawing import NAMES


def images(count: int = 3, height: int = 7, width: int = 9) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8)


@given(st.integers(-12, 12), st.integers(-10, 10))
def test_shifting_matches_padding_with_the_edge(columns, rows):
    original = images()
    moved = shifts.shift_images(original, columns, rows)
    padded = np.pad(original, ((0, 0), (12, 12), (12, 12), (0, 0)), mode="edge")
    np.testing.assert_array_equal(moved, padded[:, 12 - rows : 19 - rows, 12 - columns : 21 - columns])


def test_an_object_is_the_same_at_every_position():
    label = NAMES.index("star")
    drawn = shifts.draw_at_positions(label, 3)
    assert drawn.images.shape == (49, 32, 32, 3)
    assert (drawn.centres[0], drawn.centres[-1]) == shifts.CENTRE_RANGE
    np.testing.assert_allclose(np.diff(drawn.centres), 0.5)
    outside = (0.5, -3)
    background = shape_drawing.draw(label, np.random.default_rng([3, label]), "left", outside)[0]
    for centre, image in zip(drawn.centres, drawn.images, strict=True):
        columns = np.flatnonzero((image != background).any(axis=(0, 2)))
        if 8 <= centre <= 24:  # no part is clipped
            assert abs((columns[0] + columns[-1] + 1) / 2 - centre) <= 1
            assert columns[-1] - columns[0] <= 15


def test_correct_predictions_are_counted_in_batches(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shifts, "BATCH", 4)
    original = images(10)
    labels = np.arange(10) % 3

    def predict(batch: np.ndarray) -> np.ndarray:  # predicts the brightest channel
        assert len(batch) <= 4
        return batch.mean(axis=(1, 2))

    expected = int((original.mean(axis=(1, 2)).argmax(axis=1) == labels).sum())
    assert shifts.count_correct(predict, original, labels) == expected
    assert shifts.correct_by_shift(predict, original, labels, [0])[0] == expected


def test_correct_predictions_are_counted_by_position():
    objects = [shifts.draw_at_positions(label, 0, count=5) for label in (0, 1, 2)]

    def predict(batch: np.ndarray) -> np.ndarray:  # always predicts class 1
        return np.eye(8)[np.ones(len(batch), int)]

    assert shifts.correct_by_position(predict, objects) == [1] * 5
