"""The Predict page: answers for test images and uploads."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.data import catalog
from cnn.model import store
from tests.pages.opening import open_page, texts


def photo() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((60, 40, 3), 200, np.uint8)).save(file, "JPEG")
    return file.getvalue()


def test_the_page_opens_with_an_answer(digits) -> None:
    at = open_page("predict.py")
    assert "It says:" in texts(at)


def test_an_upload_is_classified_and_a_broken_file_reported() -> None:
    at = open_page("predict.py")
    at.segmented_control(key="predict.source").set_value("Upload").run()
    at.file_uploader(key="predict.files").upload("grey.jpg", photo(), "image/jpeg").run()
    assert "It says:" in texts(at)
    at.file_uploader(key="predict.files").upload("cut.jpg", photo()[:200], "image/jpeg").run()
    assert "cut.jpg" in texts(at)
    assert not at.exception


def open_with(image: np.ndarray) -> AppTest:
    """The page with a picture uploaded, uint8 (h, w)."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    at = open_page("predict.py")
    at.segmented_control(key="predict.source").set_value("Upload").run()
    at.file_uploader(key="predict.files").upload("wide.png", file.getvalue(), "image/png").run()
    return at


@pytest.mark.parametrize("tall", [False, True])
def test_the_part_that_a_network_gets_of_a_wide_photo_can_be_moved_to_its_subject(digits, tall) -> None:
    answers = np.load(store.card("digits-tutorial").folder / "test_probabilities.npy").argmax(axis=1)
    test = catalog.load("digits", "test")
    first, second = test.image(0)[..., 0], test.image(int(np.flatnonzero(answers != answers[0])[0]))[..., 0]
    wide = np.concatenate([first, np.zeros((32, 100), np.uint8), second], axis=1)
    if tall:
        wide = np.concatenate([first, np.zeros((100, 32), np.uint8), second])
    at = open_with(wide)
    slider = at.slider(key="predict.place")
    assert ("top" in slider.label) == tall
    for place, index in ((0, 0), (100, int(np.flatnonzero(answers != answers[0])[0]))):
        at.slider(key="predict.place").set_value(place).run()
        assert f"**It says: {answers[index]}, " in texts(at)
    at.segmented_control(key="predict.fit").set_value("squeeze").run()
    assert not at.exception
    assert not [slider for slider in at.slider if slider.key == "predict.place"]


def test_of_a_square_photo_nothing_is_cut_off_and_nothing_asked(digits) -> None:
    at = open_with(np.zeros((60, 60), np.uint8))
    assert "It says:" in texts(at)
    assert not [slider for slider in at.slider if slider.key == "predict.place"]
