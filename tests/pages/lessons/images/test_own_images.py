"""Importing a visitor's own images on the Images page."""

import io
import json
import re
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
from tests.pages.opening import notices, open_page, texts


def picture(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped_images(**more: bytes) -> bytes:
    """A zip of 14 pictures in two classes, and ``more`` files in one of them: name without suffix -> content."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(14):
            archive.writestr(f"things/{'cup' if number % 2 else 'bowl'}/{number}.png", picture(number))
        for name, data in more.items():
            archive.writestr(f"things/cup/{name}.png", data)
    return file.getvalue()


def gallery_numbers(at: AppTest) -> list[list[str]]:
    """The numbers in each caption; that of the gallery holds first, last and count of the images shown."""
    return [re.findall(r"\d+", caption.value) for caption in at.caption]


def upload(at: AppTest, data: bytes, name: str = "things.zip", title: str = "My things") -> AppTest:
    at.file_uploader(key="images.own.files.0").upload(name, data, "application/zip").run()
    at.text_input(key="images.title").set_value(title).run()
    return at.button(key="images.bring").click().run()


def test_a_zip_becomes_a_dataset_that_every_page_offers_and_its_owner_can_delete() -> None:
    at = open_page("images.py", **{"images.view": "own"})
    assert at.button(key="images.bring").disabled
    upload(at, zipped_images(broken=b"not a picture"))
    (job,) = queue.jobs(kind="bring")
    progress = at.get("progress")[0].proto
    assert progress.text.startswith(job.name)
    assert (progress.value, re.search(r"\d", progress.text)) == (0, None)  # nothing is ahead of it in the queue
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    name = job.settings["dataset"]
    assert at.session_state["shell.dataset"] == name
    # Once in the outcome of the import, once in the list of the visitor's data sets.
    assert len(re.findall(r"\*\*My things\*\*\D+\b14\b\D+\b2\b", texts(at))) == 2
    ((_, sentence),) = json.loads((job.folder / "refused.json").read_text())
    assert "“broken.png”" in sentence
    assert f"- {sentence}" in texts(at)
    assert any(markdown.value.startswith("**1 ") for markdown in at.markdown)
    at.button(key=f"images.use.{name}").click().run()
    assert ["1", "10", "10"] in gallery_numbers(at)
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


def test_a_network_trained_on_own_images_outlives_them() -> None:
    at = open_page("images.py", **{"images.view": "own"})
    upload(at, zipped_images())
    (job,) = queue.jobs(kind="bring")
    run_job(str(home()), job.id)
    at.run()
    at.switch_page("training.py").run()
    at.slider(key="training.set.epochs").set_value(1).run()
    at.button(key="training.start").click().run()
    (run,) = queue.jobs(kind="train")
    assert run_job(str(home()), run.id) == "finished"
    own_datasets.delete_images(job.settings["dataset"], at.session_state["shell.workspace"])
    at = open_page("models.py", model=run.id)
    assert "My things" in texts(at)
    at.switch_page("images.py").run()
    assert any("“My things”" in sentence for sentence in notices(at))
    for page in ("predict.py", "augmentation.py", "convolution.py", "training.py", "architecture.py"):
        at.switch_page(page).run()
        assert not at.exception, page


@pytest.mark.parametrize(("name", "data", "reason"), [("x.zip", b"PK no", "zip"), ("cup1.png", picture(1), "“cup”")])
def test_the_reason_a_dataset_cannot_be_made_is_shown(name: str, data: bytes, reason: str) -> None:
    at = upload(open_page("images.py", **{"images.view": "own"}), data, name)
    (job,) = queue.jobs(kind="bring")
    assert run_job(str(home()), job.id) == "failed"
    at.run()
    sentence = queue.read(job.id).reason
    assert sentence is not None
    assert reason in sentence
    assert sentence in notices(at)
    assert at.session_state["shell.dataset"] == "digits"


def test_another_visitors_dataset_is_in_no_list_but_opens_with_its_link() -> None:
    at = upload(open_page("images.py", **{"images.view": "own"}), zipped_images())
    (job,) = queue.jobs(kind="bring")
    run_job(str(home()), job.id)
    name = job.settings["dataset"]
    other = open_page("images.py")
    assert name not in other.selectbox(key="shell.dataset").options
    linked = open_page("images.py", dataset=name)
    assert ["1", "10", "10"] in gallery_numbers(linked)
    assert at.session_state["shell.workspace"] != linked.session_state["shell.workspace"]
    linked.query_params["dataset"] = "own-" + "x" * 22
    unknown = re.compile("“own-x+”")
    assert any(unknown.search(sentence) for sentence in notices(linked.run()))
