"""Bringing one's own images in, on the Images page."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from tests.pages.opening import open_page, texts


def picture(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


def things(**more: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number in range(14):
            packed.writestr(f"things/{'cup' if number % 2 else 'bowl'}/{number}.png", picture(number))
        for name, data in more.items():
            packed.writestr(f"things/cup/{name}.png", data)
    return file.getvalue()


def sent(at: AppTest, data: bytes, name: str = "things.zip", title: str = "My things") -> AppTest:
    at.file_uploader(key="images.own.files.0").upload(name, data, "application/zip").run()
    at.text_input(key="images.title").set_value(title).run()
    return at.button(key="images.bring").click().run()


def test_a_zip_becomes_a_data_set_that_every_page_offers_and_its_owner_deletes() -> None:
    at = open_page("images.py", **{"images.view": "own"})
    assert at.button(key="images.bring").disabled
    sent(at, things(broken=b"not a picture"))
    (job,) = queue.jobs(kind="bring")
    assert "about to start" in at.get("progress")[0].proto.text
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    name = job.settings["dataset"]
    assert at.session_state["shell.dataset"] == name
    assert "**My things** is a data set now: 14 images of 2 classes" in texts(at)
    assert "1 file was not taken" in texts(at)
    assert "“broken.png” is not a picture this app can read" in texts(at)
    at.button(key=f"images.use.{name}").click().run()
    assert "Images 1 to 10 of 10" in texts(at)
    for page in ("augmentation.py", "architecture.py", "training.py", "convolution.py"):
        at.switch_page(page).run()
        assert not at.exception
        assert at.selectbox(key="shell.dataset").value == name
    at.switch_page("images.py").run()
    at.selectbox(key="images.view").set_value("own").run()
    at.checkbox(key=f"images.sure.{name}").check().run()
    at.button(key=f"images.delete.{name}").click().run()
    assert not at.exception
    assert at.session_state["shell.dataset"] == "digits"
    assert not catalog.is_prepared(name)


def test_a_network_learns_ones_own_things_and_outlives_their_images() -> None:
    at = open_page("images.py", **{"images.view": "own"})
    sent(at, things())
    (job,) = queue.jobs(kind="bring")
    run_job(str(home()), job.id)
    at.run()
    at.switch_page("training.py").run()
    at.slider(key="training.set.epochs").set_value(1).run()
    at.button(key="training.start").click().run()
    (run,) = queue.jobs(kind="train")
    assert run_job(str(home()), run.id) == "finished"
    own_datasets.delete(job.settings["dataset"], at.session_state["shell.workspace"])
    at = open_page("models.py", model=run.id)
    assert "My things" in texts(at)
    at.switch_page("images.py").run()
    assert "The images of “My things” were deleted" in texts(at)
    for page in ("predict.py", "augmentation.py", "convolution.py", "training.py", "architecture.py"):
        at.switch_page(page).run()
        assert not at.exception, page


@pytest.mark.parametrize(
    ("name", "data", "reason"), [("x.zip", b"PK no", "not a whole zip"), ("cup1.png", picture(1), "one class")]
)
def test_what_cannot_become_a_data_set_says_why(name: str, data: bytes, reason: str) -> None:
    at = sent(open_page("images.py", **{"images.view": "own"}), data, name)
    (job,) = queue.jobs(kind="bring")
    assert run_job(str(home()), job.id) == "failed"
    at.run()
    assert reason in texts(at)
    assert at.session_state["shell.dataset"] == "digits"


def test_somebody_elses_set_is_seen_with_its_link_and_in_no_list() -> None:
    at = sent(open_page("images.py", **{"images.view": "own"}), things())
    (job,) = queue.jobs(kind="bring")
    run_job(str(home()), job.id)
    name = job.settings["dataset"]
    other = open_page("images.py")
    assert name not in other.selectbox(key="shell.dataset").options
    linked = open_page("images.py", dataset=name)
    assert "Images 1 to 10 of 10" in texts(linked)
    assert at.session_state["shell.workspace"] != linked.session_state["shell.workspace"]
    linked.query_params["dataset"] = "own-" + "x" * 22
    assert "The link names a data set that is not here" in texts(linked.run())
