"""The Predict page: answers for test images and uploads."""

import io

import numpy as np
from PIL import Image

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
