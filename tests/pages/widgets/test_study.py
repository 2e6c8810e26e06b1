"""Evaluation and Mistakes of a model that came without its answers: asked on the page, once its images are there."""

import io
import json
from pathlib import Path

import keras
import pytest

from cnn.data.own import own_datasets
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import package
from cnn.requests import models as model_requests
from tests.model.exchange.model_files import save_run_model
from tests.pages.on_screen import mentions
from tests.pages.opening import open_page, texts
from tests.prepared_data import link_data


@pytest.mark.parametrize("page", ["evaluation.py", "models.py"])
def test_a_model_is_asked_once_its_data_set_is_there(cnn_home: Path, laid_out_digits: Path, page: str) -> None:
    data = package.keras_file_with_card(store.card("digits-tutorial"))
    id = model_requests.import_model(io.BytesIO(data), "taken.keras", "w" * 22)
    assert run_job(str(home()), id) == "finished"
    query = {"view": "mistakes"} if page == "models.py" else {}
    at = open_page(page, model=id, **query)
    assert "has not been evaluated on Handwritten digits: the images are not here yet" in texts(at)
    assert at.button(key="images.prepare").label == "Prepare Handwritten digits"

    link_data(cnn_home, laid_out_digits, "digits")
    at.run()
    at.button(key="study.answers").click().run()
    (job,) = queue.jobs(kind=model_requests.MEASURE)
    assert run_job(str(home()), job.id) == "finished", job.reason
    at.run()
    assert not at.exception
    correct, count = store.card("digits-tutorial").test
    if page == "models.py":
        assert mentions(at, count - correct, count, "test images are wrong")
    else:
        assert mentions(at, "The final exam", count)
    assert not [button for button in at.button if button.key == "study.answers"]


def test_classes_without_images_are_said_to_have_none(cnn_home: Path) -> None:
    name = "own-" + "a" * 22
    own_datasets.folder(name).mkdir(parents=True)
    info = {"title": "Cups", "class_names": ["bowl", "cup"], "train": 0, "test": 0, "validation": 0}
    (own_datasets.folder(name) / "info.json").write_text(json.dumps({**info, "workspace": "", "created": 1.0}))
    network = keras.Sequential([keras.Input((8, 8, 3), dtype="uint8"), keras.layers.Flatten(), keras.layers.Dense(2)])
    brought = {"file": "cups.h5", "pixels": "0..255", "ending": "logits", "keras": ""}
    score = {"correct": 0, "count": 0}
    card = save_run_model(
        "cups", name, network, ["bowl", "cup"], config={"brought": brought}, test=score, validation=score
    )
    at = open_page("evaluation.py", model=card.id)
    assert "There are no images of the classes of “Mine” here" in texts(at)
    assert not [button for button in at.button if str(button.key).startswith("study")]
