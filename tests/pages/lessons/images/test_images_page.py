"""The Images page: preparing a data set, the gallery, sample images until the set is ready."""

import pytest

from cnn.data import catalog
from cnn.jobs import queue
from pages.server.startup import startup
from tests.pages.opening import open_page, texts


def test_a_built_in_set_is_offered_and_queued() -> None:
    at = open_page("images.py", dataset="shapes")
    at.button(key="images.prepare").click().run()
    assert not at.exception
    (job,) = queue.jobs(kind="prepare")
    assert job.settings == {"dataset": "shapes"}


def test_the_size_is_shown_before_a_download() -> None:
    at = open_page("images.py", dataset="mnist")
    label = at.button(key="images.prepare").label
    assert label.startswith("Download MNIST (")
    assert label.endswith("MB)")
    assert "TFDS_DATA_DIR" in texts(at)


def test_the_gallery_pages_through_one_class(digits) -> None:
    at = open_page("images.py")
    assert "Images 1 to 24 of 1,293" in texts(at)
    at.selectbox(key="images.class").set_value("7").run()
    count = int((catalog.load("digits", "train").labels == 7).sum())
    assert f"Images 1 to 24 of {count}" in texts(at)
    assert not at.exception


def test_samples_are_shown_until_the_data_set_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("images.py", dataset="shapes")
    assert "Meanwhile, 8 of its images" in texts(at)  # not being prepared: the button and samples
    monkeypatch.setattr(startup, "is_about_to_prepare", lambda name: name == "digits")
    at.selectbox(key="shell.dataset").set_value("digits").run()
    assert "Meanwhile, 12 of its images" in texts(at)
    assert not [button for button in at.button if button.key == "images.prepare"]
    assert max(element.proto.body.count("<img") for element in at.get("html")) == 12
    catalog.prepare("digits", lambda event: None, lambda: False)
    at.run()
    assert "Images 1 to 24 of 1,293" in texts(at)
    assert "Meanwhile" not in texts(at)
