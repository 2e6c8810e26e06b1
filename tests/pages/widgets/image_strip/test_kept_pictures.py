"""Pictures are decoded once, and only what pages need of them is kept."""

import numpy as np
import pytest

from cnn.data.image_decoding import Decoding
from cnn.data.images import fit_to, resize
from cnn.errors import ImageError
from pages.widgets.image_input import Photo
from pages.widgets.image_strip import kept_pictures
from pages.widgets.image_strip.kept_pictures import SHOWN_SIDE, Source, look_at

SHAPE = (32, 32, 3)
PHOTO = np.random.default_rng(0).integers(0, 256, (1_200, 900, 3), np.uint8)


@pytest.fixture(autouse=True)
def session(monkeypatch) -> dict:
    """The session's state: a dictionary of this test."""
    state: dict = {}
    monkeypatch.setattr(kept_pictures.st, "session_state", state)
    return state


class Reader:
    """Gives the photo, or an error, and counts how often it was asked."""

    def __init__(self, error: ImageError | None = None) -> None:
        self.error, self.times = error, 0

    def __call__(self) -> Photo:
        self.times += 1
        if self.error:
            raise self.error
        return Photo("cat.jpg", PHOTO, Decoding("JPEG", 2))


def test_a_photo_is_decoded_once_for_each_part_of_it(session) -> None:
    read = Reader()
    source = Source("cat.jpg", "own-1", read)
    pictures = [look_at(source, SHAPE, place) for place in (0.5, 0.0, None, 0.5, 0.0, None)]
    assert read.times == 3
    for picture, place in zip(pictures, (0.5, 0.0, None, 0.5, 0.0, None), strict=True):
        np.testing.assert_array_equal(picture.seen, fit_to(PHOTO, SHAPE, place))
        np.testing.assert_array_equal(picture.shown, resize(PHOTO, SHOWN_SIDE, SHOWN_SIDE * 3 // 4))
        assert picture.size == (1_200, 900)
        assert picture.decoding == Decoding("JPEG", 2)
    kept = session["shell.kept_pictures"]
    assert len(kept) == 3
    assert sum(array.nbytes for picture in kept.values() for array in picture[1:3]) < PHOTO.nbytes * 1.2


def test_what_cannot_be_read_is_not_tried_again() -> None:
    read = Reader(ImageError("“cat.jpg” is cut off."))
    for _ in range(2):
        with pytest.raises(ImageError, match="is cut off"):
            look_at(Source("cat.jpg", "own-1", read), SHAPE)
    assert read.times == 1


def test_a_drawing_that_grows_is_read_each_time(session) -> None:
    read = Reader()
    for _ in range(2):
        look_at(Source("Your drawing", None, read), SHAPE)
    assert read.times == 2
    assert not session["shell.kept_pictures"]


def test_the_least_recently_used_go_first(session, monkeypatch) -> None:
    read = Reader()
    one = look_at(Source("a", "a", read), SHAPE, side=100)
    size = one.shown.nbytes + one.seen.nbytes
    monkeypatch.setattr(kept_pictures, "MAX_BYTES", 2 * size)
    look_at(Source("b", "b", read), SHAPE, side=100)
    look_at(Source("a", "a", read), SHAPE, side=100)
    look_at(Source("c", "c", read), SHAPE, side=100)
    assert [key[0] for key in session["shell.kept_pictures"]] == ["a", "c"]
