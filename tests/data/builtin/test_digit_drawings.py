"""Drawings against real digits that were shrunk, moved and slanted on a canvas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from cnn.data.builtin.digit_drawings import digit_from_drawing
from cnn.data.images import resize
from cnn.errors import ImageError, ImageShapeError


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """uint8 (1797, 32, 32) enlarged as the data set is, and the digit each of them shows."""
    bunch = load_digits()
    enlarged = [
        Image.fromarray(np.round(x * 255 / 16).astype("uint8")).resize((32, 32), Image.Resampling.BILINEAR)
        for x in bunch.images
    ]
    return np.stack([np.asarray(image) for image in enlarged]), bunch.target


def drawn(digit: np.ndarray, side: int, top: int, left: int) -> np.ndarray:
    canvas = np.zeros((280, 280), np.uint8)
    pen = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))
    canvas[top : top + side, left : left + side] = pen
    return canvas


def test_digits_drawn_small_and_anywhere_come_back(digits):
    originals, labels = digits
    rng = np.random.default_rng(3)
    chosen = rng.choice(len(originals), 200, replace=False)
    others = np.setdiff1d(np.arange(len(originals)), chosen)
    judge = KNeighborsClassifier(3).fit(originals[others].reshape(-1, 1024), labels[others])
    canvases = []
    for digit in originals[chosen]:
        side = int(rng.integers(110, 250))
        canvases.append(drawn(digit, side, *rng.integers(0, 281 - side, 2)))
    back = np.stack([digit_from_drawing(canvas) for canvas in canvases])
    assert back.shape == (200, 32, 32, 1)
    assert back.dtype == np.uint8
    recognised = np.mean(judge.predict(back.reshape(200, 1024)) == labels[chosen])
    assert recognised >= 0.95
    # Without the preparation the same canvases mean little to the same judge.
    plain = np.stack([resize(canvas[..., np.newaxis], 32, 32) for canvas in canvases]).reshape(200, 1024)
    assert np.mean(judge.predict(plain) == labels[chosen]) < recognised - 0.3
    correlation = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(back, originals[chosen], strict=True)]
    assert np.median(correlation) > 0.95


def test_place_and_pen_do_not_matter():
    seven = np.zeros((280, 280), np.uint8)
    seven[40:52, 60:160] = 255
    seven[40:200, 148:160] = 255
    moved = np.roll(seven, (60, 90), axis=(0, 1))
    assert (digit_from_drawing(seven) == digit_from_drawing(moved)).all()
    thick = seven.copy()
    thick[34:58, 54:166] = thick[34:206, 142:166] = 255
    ink = [digit_from_drawing(strokes).mean() * 1024 / 255 for strokes in (seven, thick)]
    assert ink == pytest.approx([313, 313], abs=40)  # what `digits` have: 313, standard deviation 34


def test_a_slant_is_sheared_away():
    # The leftmost ink of the first row comes to stand above that of the last.
    slanted = np.zeros((280, 280), np.uint8)
    for row in range(40, 240):
        slanted[row, 200 - row // 2 : 230 - row // 2] = 255
    columns = [np.flatnonzero(row > 127) for row in digit_from_drawing(slanted)[..., 0]]
    assert max(row.min() for row in columns) - min(row.min() for row in columns) <= 1


@pytest.mark.parametrize("strokes", [(100, 100), (100, slice(None)), (slice(None), 100), (slice(None), slice(None))])
def test_dots_lines_and_floods_are_drawings_too(strokes):
    canvas = np.zeros((280, 280), np.uint8)
    canvas[strokes] = 255
    assert digit_from_drawing(canvas).any()


@settings(max_examples=50, deadline=None)
@given(
    spots=st.lists(st.tuples(st.integers(0, 599), st.integers(0, 599)), min_size=1, max_size=4),
    value=st.integers(1, 255),
)
def test_specks_and_faint_strokes_come_to_an_end(spots, value):
    canvas = np.zeros((600, 600), np.uint8)
    for row, column in spots:
        canvas[row, column] = value
    assert digit_from_drawing(canvas).shape == (32, 32, 1)


@pytest.mark.parametrize("strokes", [np.ones((9, 9)), np.ones((9, 9, 1), np.uint8)])
def test_a_drawing_of_another_kind_is_refused(strokes):
    with pytest.raises(ImageShapeError, match="expected"):
        digit_from_drawing(strokes)


def test_an_empty_canvas_is_said_to_be_empty():
    with pytest.raises(ImageError, match="canvas is empty"):
        digit_from_drawing(np.zeros((280, 280), np.uint8))
