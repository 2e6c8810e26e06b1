"""Images, Predict and Models, opened cold with one real interaction each."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from cnn.data import catalog
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.training.config import recipe
from pages.server.startup import startup
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


def left_by_a_run(id: str, workspace: str, card: str, model: bytes = b"") -> str:
    """A run's folder as it would lie there, with these two files."""
    folder = home() / "runs" / id
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"name": f"Run {id}", "workspace": workspace}))
    (folder / "card.json").write_text(card)
    (folder / "model.keras").write_bytes(model)
    return id


def test_damaged_cards_are_left_out_and_a_link_to_one_says_so(caplog: pytest.LogCaptureFixture) -> None:
    whole = (store.PRETRAINED / "digits-tutorial" / "card.json").read_text()
    value = json.loads(whole)
    cards = {
        "cut-in-half-0000000000": whole[: len(whole) // 2],
        "no-object-000000000000": "[]",
        "unknown-data-000000000": json.dumps(value | {"dataset": "martians"}),
        "no-classes-00000000000": json.dumps(value | {"class_names": []}),
        "whole-card-00000000000": whole,
    }
    at = open_page("models.py")
    for id, card in cards.items():
        left_by_a_run(id, at.session_state["shell.workspace"], card)
    at.run()
    assert not at.exception
    shown = str(at.dataframe[0].value)
    assert "Run whole-card-00000000000" in shown
    assert "digits-tutorial" in shown
    assert not [id for id in list(cards)[:4] if f"Run {id}" in shown]
    at.query_params["model"] = "unknown-data-000000000"
    at.run()
    assert "The link names a model that is not here" in texts(at)
    assert not at.exception


def test_a_damaged_model_says_so_and_the_others_work(caplog: pytest.LogCaptureFixture) -> None:
    pretrained = store.PRETRAINED / "digits-tutorial"
    card, model = (pretrained / "card.json").read_text(), (pretrained / "model.keras").read_bytes()
    id = left_by_a_run("cut-model-000000000000", "somebody", card, model[:5000])
    at = open_page("models.py", model=id, view="layers")
    assert "is damaged or not a Keras model. Delete it, or train it again." in texts(at)
    at.segmented_control(key="models.view").set_value("mistakes").run()
    assert "were not kept, or are damaged" in texts(at)
    at.segmented_control(key="models.view").set_value("facts").run()
    assert "Final exam" in texts(at)
    at.switch_page("predict.py").run()
    assert "is damaged or not a Keras model" in texts(at)
    at.selectbox(key="shell.model").set_value("digits-tutorial").run()
    assert "Asking **digits-tutorial**" in texts(at)
    assert not at.exception


def test_images_shows_samples_until_the_data_set_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("images.py", dataset="shapes")
    assert "Meanwhile, 8 of its images" in texts(at)  # nobody makes it: a button, and something to look at
    monkeypatch.setattr(startup, "is_about_to_prepare", lambda name: name == "digits")
    at.selectbox(key="shell.dataset").set_value("digits").run()
    assert "Meanwhile, 12 of its images" in texts(at)
    assert not [button for button in at.button if button.key == "images.prepare"]
    assert max(element.proto.body.count("<img") for element in at.get("html")) == 12
    catalog.prepare("digits", lambda event: None, lambda: False)
    at.run()
    assert "Images 1 to 24 of 1,293" in texts(at)
    assert "Meanwhile" not in texts(at)


def test_every_sample_is_of_the_class_it_is_said_to_be_of() -> None:
    with np.load(store.PRETRAINED / "flow.npz") as file:
        assert tuple(map(str, file["names"])) == catalog.info("shapes").class_names
