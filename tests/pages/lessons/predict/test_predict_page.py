"""The Predict page: answers for test images and uploads."""

import io
import re
import weakref

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.analysis.repeated_questions import Repetition
from cnn.data import catalog, image_decoding
from cnn.model import store
from pages.lessons.predict import several_photos
from pages.lessons.predict.asking_again import TIMES, describe_repetition
from pages.widgets import image_input
from tests.pages.on_screen import button_keys, linked_pages, mentions
from tests.pages.opening import open_page, texts, upload


def photo(side: int = 40) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((side * 3 // 2, side, 3), 200, np.uint8)).save(file, "JPEG")
    return file.getvalue()


def test_the_page_opens_with_an_answer(digits) -> None:
    at = open_page("predict.py")
    assert "It says:" in texts(at)


def test_an_upload_is_classified_and_a_broken_file_reported() -> None:
    at = open_page("predict.py")
    upload(at, ("grey.jpg", photo()))
    assert "It says:" in texts(at)
    upload(at, ("cut.jpg", photo()[:200]))
    assert "cut.jpg" in texts(at)
    assert not at.exception


def open_with(image: np.ndarray) -> AppTest:
    """The page with a picture uploaded, uint8 (h, w)."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    at = open_page("predict.py")
    upload(at, ("wide.png", file.getvalue()))
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
        assert f"It says: {answers[index]}, " in texts(at)
    at.segmented_control(key="predict.fit").set_value("squeeze").run()
    assert not at.exception
    assert not [slider for slider in at.slider if slider.key == "predict.place"]


def test_of_a_square_photo_nothing_is_cut_off_and_nothing_asked(digits) -> None:
    at = open_with(np.zeros((60, 60), np.uint8))
    assert "It says:" in texts(at)
    assert not [slider for slider in at.slider if slider.key == "predict.place"]


def shown_code(at: AppTest) -> str:
    return str(at.get("code")[0].value)


def test_the_code_reads_the_photo_that_is_shown_as_the_page_did(digits) -> None:
    wide = np.random.default_rng(0).integers(0, 256, (20, 90), np.uint8)
    at = open_with(wide)
    assert "(photo.width - w) // 2" in shown_code(at)
    at.slider(key="predict.place").set_value(30).run()
    assert "int((photo.width - w) * 0.3)" in shown_code(at)
    at.segmented_control(key="predict.fit").set_value("squeeze").run()
    assert "crop(" not in shown_code(at)


@pytest.mark.parametrize("page", ["predict", "maps", "explain"])
def test_the_code_for_an_heic_opens_heic(page: str, digits) -> None:
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(np.zeros((40, 40, 3), np.uint8))).save(file)
    at = open_page({"predict": "predict.py", "maps": "feature_maps.py", "explain": "explanations.py"}[page])
    assert "from pillow_heif import register_heif_opener\n" not in shown_code(at)
    upload(at, ("photo.jpg", file.getvalue()))  # a phone that sends a photo may call it anything
    assert not at.exception
    assert "from pillow_heif import register_heif_opener\n" in shown_code(at)
    assert 'read_photo("photo.heic")' in shown_code(at)


def test_of_many_photos_one_is_held_at_a_time(digits, monkeypatch) -> None:
    alive: list[weakref.ref] = []
    most = 0

    def decode_and_watch(data: bytes, name: str):
        nonlocal most
        pixels, decoding = image_decoding.decode_photo(data, name)
        alive.append(weakref.ref(pixels))
        most = max(most, sum(other() is not None for other in alive))
        return pixels, decoding

    monkeypatch.setattr(image_input, "decode_photo", decode_and_watch)
    at = open_page("predict.py")
    upload(at, *((f"{index}.jpg", photo(900)) for index in range(12)))
    # The one before, and the one.
    assert len(alive) >= 12 and most <= 2
    assert len(at.dataframe[0].value) == 12
    decoded = len(alive)
    at.run()
    assert len(at.dataframe[0].value) == 12
    assert len(alive) == decoded, "what a page needs of a photo is kept"


def test_of_many_photos_no_more_are_read_than_their_pixels_allow(digits, monkeypatch) -> None:
    monkeypatch.setattr(several_photos, "MAX_MEGAPIXELS", 1)
    at = open_page("predict.py")
    upload(at, *((f"{index}.jpg", photo(800)) for index in range(4)))
    assert len(at.dataframe[0].value) == 2
    assert mentions(at, 2, 4, 2, 1)


def test_asking_many_times_more_changes_no_weight(digits) -> None:
    at = open_page("predict.py")
    at.button(key="predict.again").click().run()
    assert mentions(at, TIMES, f"0 of its {store.card('digits-tutorial').parameters:,}")
    assert "predict.again" not in button_keys(at)
    open_other = open_page("predict.py", picture="test-3")
    assert "predict.again" in button_keys(open_other)  # what was counted for one picture is not shown for another


def test_a_change_would_be_shown() -> None:
    answers = np.array([0.25, 0.75], np.float32), np.array([0.2499, 0.7501], np.float32)
    sentence = describe_repetition(Repetition(*answers, weights=1_200, changed=7))
    assert re.findall(r"[\d,.]*\d", sentence) == [str(TIMES), "7", "1,200", "75.0000", "75.0100"]


def test_it_leads_to_whether_its_confidence_can_be_trusted(digits) -> None:
    assert "evaluation?evaluation.view=sure" in linked_pages(open_page("predict.py"))
