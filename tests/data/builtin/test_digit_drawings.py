"""Drawings compared with real digits that were scaled and moved on a canvas."""

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
    """uint8 (1797, 32, 32), enlarged as in the data set, and their labels."""
    bunch = load_digits()
    enlarged = [
        Image.fromarray(np.round(x * 255 / 16).astype("uint8")).resize((32, 32), Image.Resampling.BILINEAR)
        for x in bunch.images
    ]
    return np.stack([np.asarray(image) for image in enlarged]), bunch.target


def draw_on_canvas(digit: np.ndarray, side: int, top: int, left: int) -> np.ndarray:
    canvas = np.zeros((280, 280), np.uint8)
    strokes = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))
    canvas[top : top + side, left : left + side] = strokes
    return canvas


def test_digits_of_any_size_and_position_are_recovered(digits):
    originals, labels = digits
    rng = np.random.default_rng(3)
    chosen = rng.choice(len(originals), 200, replace=False)
    others = np.setdiff1d(np.arange(len(originals)), chosen)
    classifier = KNeighborsClassifier(3).fit(originals[others].reshape(-1, 1024), labels[others])
    canvases = []
    for digit in originals[chosen]:
        side = int(rng.integers(110, 250))
        canvases.append(draw_on_canvas(digit, side, *rng.integers(0, 281 - side, 2)))
    recovered = np.stack([digit_from_drawing(canvas) for canvas in canvases])
    assert recovered.shape == (200, 32, 32, 1)
    assert recovered.dtype == np.uint8
    accuracy = np.mean(classifier.predict(recovered.reshape(200, 1024)) == labels[chosen])
    assert accuracy >= 0.95
    # The same classifier fails on canvases that are only resized.
    plain = np.stack([resize(canvas[..., np.newaxis], 32, 32) for canvas in canvases]).reshape(200, 1024)
    assert np.mean(classifier.predict(plain) == labels[chosen]) < accuracy - 0.3
    correlation = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(recovered, originals[chosen], strict=True)]
    assert np.median(correlation) > 0.95


def test_position_and_pen_width_do_not_matter():
    seven = np.zeros((280, 280), np.uint8)
    seven[40:52, 60:160] = 255
    seven[40:200, 148:160] = 255
    moved = np.roll(seven, (60, 90), axis=(0, 1))
    assert (digit_from_drawing(seven) == digit_from_drawing(moved)).all()
    thick = seven.copy()
    thick[34:58, 54:166] = thick[34:206, 142:166] = 255
    ink = [digit_from_drawing(strokes).mean() * 1024 / 255 for strokes in (seven, thick)]
    assert ink == pytest.approx([313, 313], abs=40)  # mean of `digits`: 313, standard deviation 34


def test_slant_is_removed():
    # The leftmost ink of the first row ends up directly above that of the last.
    slanted = np.zeros((280, 280), np.uint8)
    for row in range(40, 240):
        slanted[row, 200 - row // 2 : 230 - row // 2] = 255
    columns = [np.flatnonzero(row > 127) for row in digit_from_drawing(slanted)[..., 0]]
    assert max(row.min() for row in columns) - min(row.min() for row in columns) <= 1


@pytest.mark.parametrize("strokes", [(100, 100), (100, slice(None)), (slice(None), 100), (slice(None), slice(None))])
def test_dots_lines_and_filled_canvases_are_accepted(strokes):
    canvas = np.zeros((280, 280), np.uint8)
    canvas[strokes] = 255
    assert digit_from_drawing(canvas).any()


@settings(max_examples=50, deadline=None)
@given(
    spots=st.lists(st.tuples(st.integers(0, 599), st.integers(0, 599)), min_size=1, max_size=4),
    value=st.integers(1, 255),
)
def test_dots_and_faint_strokes_terminate(spots, value):
    canvas = np.zeros((600, 600), np.uint8)
    for row, column in spots:
        canvas[row, column] = value
    assert digit_from_drawing(canvas).shape == (32, 32, 1)


@pytest.mark.parametrize("strokes", [np.ones((9, 9)), np.ones((9, 9, 1), np.uint8)])
def test_other_dtypes_and_shapes_are_refused(strokes):
    with pytest.raises(ImageShapeError, match="expected"):
        digit_from_drawing(strokes)


def test_an_empty_canvas_is_reported():
    with pytest.raises(ImageError, match="canvas is empty"):
        digit_from_drawing(np.zeros((280, 280), np.uint8))
