"""The Images page: preparing a data set, the gallery, sample images until the set is ready."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.data import catalog
from cnn.jobs import queue
from pages.server.startup import startup
from tests.pages.opening import open_page, texts
from tests.prepared_data import link_data


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
    assert "TFDS_DATA_DIR" not in texts(at)  # for whoever runs the app, in the README


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


def test_near_duplicates_are_found_on_request(laid_out: Callable[[str], Path], cnn_home: Path) -> None:
    link_data(cnn_home, laid_out("cifar10"), "cifar10")
    at = open_page("images.py", dataset="cifar10", **{"images.view": "set"})
    at.button(key="images.find_near_duplicates").click().run(timeout=120)
    assert not at.exception
    train, test = (catalog.load("cifar10", split) for split in ("train", "test"))
    assert "**264** of 10,000 test images" in texts(at)
    # The pair that is most alike, compared here by NumPy alone.
    pair = re.search(r"Training image (\d+), .*?Test image (\d+),", html(at), re.DOTALL)
    assert pair is not None
    first, second = (split.image(int(n) - 1) for split, n in zip((train, test), pair.groups(), strict=True))
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] == pytest.approx(0.9918, abs=1e-4)


def html(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html"))
