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
def test_a_pixel_moves_by_so_many_and_the_edge_is_repeated(columns, rows):
    given_images = images()
    moved = shifts.shift_images(given_images, columns, rows)
    padded = np.pad(given_images, ((0, 0), (12, 12), (12, 12), (0, 0)), mode="edge")
    np.testing.assert_array_equal(moved, padded[:, 12 - rows : 19 - rows, 12 - columns : 21 - columns])


def test_an_object_is_the_same_at_every_place_only_elsewhere():
    label = NAMES.index("star")
    drawn = shifts.draw_at_positions(label, 3)
    assert drawn.images.shape == (49, 32, 32, 3)
    assert (drawn.centres[0], drawn.centres[-1]) == shifts.REACH
    np.testing.assert_allclose(np.diff(drawn.centres), 0.5)
    nothing = shape_drawing.draw(label, np.random.default_rng([3, label]), "left", (0.5, -3))[
        0
    ]  # drawn outside of the picture
    for centre, image in zip(drawn.centres, drawn.images, strict=True):
        columns = np.flatnonzero((image != nothing).any(axis=(0, 2)))
        if 8 <= centre <= 24:  # no part is cut off
            assert abs((columns[0] + columns[-1] + 1) / 2 - centre) <= 1
            assert columns[-1] - columns[0] <= 15


def test_right_answers_are_counted_in_pieces(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shifts, "BATCH", 4)
    given_images = images(10)
    labels = np.arange(10) % 3

    def predict(batch: np.ndarray) -> np.ndarray:  # says the class of the brightest channel
        assert len(batch) <= 4
        return batch.mean(axis=(1, 2))

    expected = int((given_images.mean(axis=(1, 2)).argmax(axis=1) == labels).sum())
    assert shifts.count_correct(predict, given_images, labels) == expected
    assert shifts.correct_by_shift(predict, given_images, labels, [0])[0] == expected


def test_right_by_place_is_counted_place_by_place():
    objects = [shifts.draw_at_positions(label, 0, count=5) for label in (0, 1, 2)]

    def predict(batch: np.ndarray) -> np.ndarray:  # right about class 1 only
        return np.eye(8)[np.ones(len(batch), int)]

    assert shifts.correct_by_position(predict, objects) == [1] * 5
