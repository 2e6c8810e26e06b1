"""What is kept of a visitor's own photos."""

import io

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from cnn.errors import ImageError
from pages.widgets.image_strip import own_photos


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new visitor's session."""
    monkeypatch.setattr(st, "session_state", {})


def photo(brightness: int, side: int = 30) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((side, 2 * side, 3), brightness, np.uint8)).save(file, "PNG")
    return file.getvalue()


def test_a_photo_is_read_again_as_it_came() -> None:
    number = own_photos.add_photo(photo(80), "mine.png")
    read = own_photos.find_photo(number).read()
    assert read.name == "mine.png"
    assert read.image.shape == (30, 60, 3) and (read.image == 80).all()
    assert read.decoding is not None and read.decoding.format == "PNG"
    assert own_photos.own_photos()[number].thumbnail.shape == (112, 112, 3)


def test_only_the_newest_are_kept() -> None:
    numbers = [own_photos.add_photo(photo(n), f"{n}.png") for n in range(own_photos.MAX_PHOTOS + 2)]
    assert list(own_photos.own_photos()) == numbers[:1:-1]


def test_large_photos_leave_less_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_photos, "MAX_BYTES", 2 * len(photo(1)))
    numbers = [own_photos.add_photo(photo(n), f"{n}.png") for n in range(1, 4)]
    assert list(own_photos.own_photos()) == [numbers[2], numbers[1]]


def test_what_cannot_be_read_is_not_kept() -> None:
    with pytest.raises(ImageError, match=r"cut\.png"):
        own_photos.add_photo(photo(1)[:50], "cut.png")
    assert own_photos.own_photos() == {}


def test_a_drawing_takes_the_place_of_its_earlier_state() -> None:
    first = own_photos.put_drawing(np.zeros((32, 32, 1), np.uint8), None)
    assert own_photos.put_drawing(np.ones((32, 32, 1), np.uint8), first) == first
    assert own_photos.find_photo(first).read().image.max() == 1
    own_photos.remove_photo(first)
    assert own_photos.put_drawing(np.zeros((32, 32, 1), np.uint8), first) != first
