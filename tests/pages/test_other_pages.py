"""Images, Predict and Models, opened cold with one real interaction each."""

import io

import numpy as np
import pytest
from PIL import Image

from cnn.data import catalog
from cnn.home import home
from cnn.training import queue
from cnn.training.config import recipe
from cnn.training.worker import run_job
from tests.pages.opening import open_page, texts


@pytest.fixture
def digits(cnn_home) -> None:
    catalog.prepare("digits", lambda event: None, lambda: False)


def photo() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((60, 40, 3), 200, np.uint8)).save(file, "JPEG")
    return file.getvalue()


def test_images_offers_to_make_a_built_in_set_and_queues_it() -> None:
    at = open_page("images.py", dataset="shapes")
    at.button(key="images.prepare").click().run()
    assert not at.exception
    (job,) = queue.jobs(kind="prepare")
    assert job.settings == {"dataset": "shapes"}


def test_images_names_the_size_before_a_download() -> None:
    at = open_page("images.py", dataset="mnist")
    label = at.button(key="images.prepare").label
    assert label.startswith("Download MNIST (")
    assert label.endswith("MB)")
    assert "TFDS_DATA_DIR" in texts(at)


def test_images_pages_through_one_class(digits) -> None:
    at = open_page("images.py")
    assert "Images 1 to 24 of 1,293" in texts(at)
    at.selectbox(key="images.class").set_value("7").run()
    count = int((catalog.load("digits", "train").labels == 7).sum())
    assert f"Images 1 to 24 of {count}" in texts(at)
    assert not at.exception


def test_predict_opens_on_a_real_answer(digits) -> None:
    at = open_page("predict.py")
    assert "It says:" in texts(at)


def test_predict_answers_an_upload_and_refuses_a_broken_file() -> None:
    at = open_page("predict.py")
    at.segmented_control(key="predict.source").set_value("Upload").run()
    at.file_uploader(key="predict.files").upload("grey.jpg", photo(), "image/jpeg").run()
    assert "It says:" in texts(at)
    at.file_uploader(key="predict.files").upload("cut.jpg", photo()[:200], "image/jpeg").run()
    assert "cut.jpg" in texts(at)
    assert not at.exception


def test_models_lists_renames_and_deletes_a_run() -> None:
    at = open_page("models.py")
    config = recipe("digits", "tutorial", epochs=1, training_images=64)
    workspace = at.session_state["shell.workspace"]
    id = queue.submit("train", config.to_dict(), workspace=workspace, name="My first")
    assert run_job(str(home()), id) == "finished"
    at = at.run()
    at.selectbox(key="shell.model").set_value(id).run()
    at.text_input(key=f"models.name.{id}").set_value("Renamed").run()
    at.button(key="models.rename").click().run()
    assert queue.read(id).name == "Renamed"
    at.segmented_control(key="models.view").set_value("layers").run()
    assert "filters of its first layer" in texts(at)
    at.segmented_control(key="models.view").set_value("mistakes").run()
    assert "test images are wrong" in texts(at)
    at.segmented_control(key="models.view").set_value("facts").run()
    at.checkbox(key=f"models.sure.{id}").check().run()
    at.button(key="models.delete").click().run()
    assert not at.exception
    assert not (home() / "runs" / id).exists()


def test_models_survives_a_corrupt_card(caplog: pytest.LogCaptureFixture) -> None:
    folder = home() / "runs" / "broken-run-000000000000"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{")
    at = open_page("models.py")
    assert "digits-tutorial" in str(at.dataframe[0].value)
