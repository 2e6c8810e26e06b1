"""The Models page: the owner's controls, the facts of a card, and damaged runs."""

import html
import json
import os
import re
import shutil
import time

import pytest
from streamlit.testing.v1 import AppTest

from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.record import write_status
from cnn.jobs.sweep import due_runs
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.summary import summary_text
from cnn.training.config import recipe
from cnn.training.transfer_config import TransferConfig
from pages.lessons.models.picture_storage import describe_storage
from tests.model.exchange.model_files import save_run_model
from tests.pages.on_screen import mentions
from tests.pages.opening import NAVIGATION, open_page, texts


def test_a_run_is_listed_renamed_and_deleted() -> None:
    at = open_page("models.py")
    config = recipe("digits", "tutorial", epochs=1, training_images=64)
    workspace = at.session_state["shell.workspace"]
    id = queue.submit("train", config.to_dict(), workspace=workspace, name="My first")
    assert run_job(str(home()), id) == "finished"
    at = at.run()
    at.selectbox(key="shell.model").set_value(id).run()
    at.text_input(key=f"models.name.{id}").set_value(
        "Renamed"
    )  # the click comes before the page has followed the typing
    at.button(key="models.rename").click().run()
    assert queue.read(id).name == "Renamed"
    at.segmented_control(key="models.view").set_value("layers").run()
    assert "filters of its first layer" in texts(at)
    at.segmented_control(key="models.view").set_value("mistakes").run()
    assert "validation images are wrong" in texts(at)
    at.segmented_control(key="models.view").set_value("facts").run()
    at.checkbox(key=f"models.sure.{id}").check().run()
    at.button(key="models.delete").click().run()
    assert not at.exception
    assert not (home() / "runs" / id).exists()


def finished_run(at: AppTest, name: str = "Mine") -> str:
    """A run of the page's visitor, with the model of one that comes with the app; its id."""
    id = queue.submit("train", {}, workspace=at.session_state["shell.workspace"], name=name)
    folder = queue.read(id).folder
    for file in ("card.json", "model.keras"):
        shutil.copyfile(store.PRETRAINED / "digits-tutorial" / file, folder / file)
    write_status(folder, "finished", attempt=1)
    return id


def test_a_star_keeps_a_run_and_can_be_taken_back(digits) -> None:
    at = open_page("models.py")
    id = finished_run(at)
    at.run()
    assert "not been back for 120 days are deleted, the oldest first. Those with a star are kept." in texts(at)
    at.selectbox(key="shell.model").set_value(id).run()
    for starred in (True, False):
        at.toggle(key=f"models.star.{id}").set_value(starred).run()
        assert (queue.read(id).starred, "yours ★" in str(at.dataframe[0].value)) == (starred, starred)
    somebody = open_page("models.py", model=id)
    assert not [toggle for toggle in somebody.toggle if "star" in str(toggle.key)]


def test_nothing_is_announced_where_runs_are_kept(digits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNN_SWEEP_DAYS", "0")
    at = open_page("models.py")
    finished_run(at)
    assert "not been back" not in texts(at.run())


def test_whoever_opens_a_page_has_been_seen(digits, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: 1.6e9)
        id = queue.submit("train", {}, workspace="w" * 22, name="Long ago")
        write_status(queue.read(id).folder, "finished", attempt=1)
    (home() / "seen").mkdir()
    (home() / "seen" / "began").touch()
    os.utime(home() / "seen" / "began", (1.6e9, 1.6e9))
    assert [run.job.id for run in due_runs()] == [id]
    at = AppTest.from_file(NAVIGATION, default_timeout=120)
    at.session_state["shell.workspace"] = "w" * 22
    at.run()
    assert due_runs() == []


@pytest.mark.parametrize("file", ["status.json", "card.json"])
def test_the_owner_of_a_damaged_run_can_delete_it(digits, file: str) -> None:
    at = open_page("models.py")
    ids = [finished_run(at, name) for name in ("One", "Two")]
    for id in ids:
        for damaged in {file, "card.json"}:
            (home() / "runs" / id / damaged).write_text("[]")
    assert "Damaged" not in texts(open_page("models.py"))
    at.run()
    at.selectbox(key="models.damaged.id").set_value(ids[1]).run()
    assert at.button(key="models.damaged.delete").disabled
    at.checkbox(key=f"models.damaged.sure.{ids[1]}").check().run()
    at.button(key="models.damaged.delete").click().run()
    assert not at.exception
    assert [path.name for path in (home() / "runs").iterdir()] == [ids[0]]
    assert list(at.selectbox(key="models.damaged.id").options) == ["One"]


def create_run(id: str, workspace: str, card: str, model: bytes = b"") -> str:
    """Create the folder of a run with these files; returns its id."""
    folder = home() / "runs" / id
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"name": f"Run {id}", "workspace": workspace}))
    (folder / "card.json").write_text(card)
    (folder / "model.keras").write_bytes(model)
    return id


def test_damaged_cards_are_omitted_and_links_to_them_reported(caplog: pytest.LogCaptureFixture) -> None:
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
        create_run(id, at.session_state["shell.workspace"], card)
    at.run()
    assert not at.exception
    shown = str(at.dataframe[0].value)
    assert "Run whole-card-00000000000" in shown
    assert "Simple CNN on Handwritten digits" in shown
    assert not [id for id in list(cards)[:4] if f"Run {id}" in shown]
    assert "Damaged: “Run cut-in-half-0000000000”, “Run no-object-000000000000”." in texts(at)
    at.query_params["model"] = "unknown-data-000000000"
    at.run()
    assert "Model: the link chooses" in texts(at)
    assert not at.exception


def test_a_damaged_model_is_reported_and_others_work(caplog: pytest.LogCaptureFixture) -> None:
    pretrained = store.PRETRAINED / "digits-tutorial"
    card, model = (pretrained / "card.json").read_text(), (pretrained / "model.keras").read_bytes()
    id = create_run("cut-model-000000000000", "somebody", card, model[:5000])
    at = open_page("models.py", model=id, view="layers")
    assert "is damaged or not a Keras model. Delete it, or train it again." in texts(at)
    at.segmented_control(key="models.view").set_value("mistakes").run()
    assert "has not been evaluated on Handwritten digits" in texts(at)
    at.segmented_control(key="models.view").set_value("facts").run()
    assert "final exam" in texts(at)
    at.switch_page("predict.py").run()
    assert "is damaged or not a Keras model" in texts(at)
    at.selectbox(key="shell.model").set_value("digits-tutorial").run()
    assert "**Simple CNN on Handwritten digits** knows" in texts(at)
    assert not at.exception


def test_the_layers_are_listed_as_keras_prints_them(cnn_home) -> None:
    at = open_page("models.py", model="cifar10-tutorial", view="layers")
    (printed,) = [element.proto.body for element in at.get("html") if 'class="printed"' in element.proto.body]
    text = html.unescape(re.sub(r"<.*?>", "", printed))
    for count in ("896", "18,496", "36,928", "65,600", "650", "122,570"):
        assert re.search(rf"(?<![\d,]){count}(?![\d,])", text), count
    assert text == summary_text(store.load("cifar10-tutorial"))


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_the_card_of_a_transfer_model_is_shown(cnn_home, optimizer: str) -> None:
    config = TransferConfig("digits", "built-in", optimizer=optimizer).to_dict()
    save_run_model("transferred", "digits", store.load("digits-tutorial"), list("0123456789"), config=config)
    at = open_page("models.py", model="transferred")
    assert mentions(at, "32", optimizer, "0.001")


def test_a_models_bytes_stand_beside_those_of_the_pictures_it_learned_from() -> None:
    card = store.card("cifar10-resnet")
    at = open_page("models.py", dataset="cifar10", model=card.id)
    megabytes = (f"{card.bytes / 1e6:.1f} MB", "45,000", f"{45_000 * 3072 / 1e6:.1f} MB", "3,072")
    assert mentions(at, *megabytes, f"{card.bytes / 45_000:.0f} bytes", f"{card.validation[0]:,}")


def test_a_run_on_few_images_counts_those(digits) -> None:
    at = open_page("models.py")
    config = recipe("digits", "tutorial", epochs=1, training_images=64)
    id = queue.submit("train", config.to_dict(), workspace=at.session_state["shell.workspace"], name="On few")
    assert run_job(str(home()), id) == "finished"
    assert mentions(open_page("models.py", model=id), "the 64 pictures", "1,024 bytes")


def test_a_file_that_could_hold_its_pictures_proves_nothing() -> None:
    proof, none = (describe_storage(size, 1_000, 1_000, None) for size in (49_000, 51_000))
    assert proof != none
    assert "CIFAR-10" in none
    assert "validation" not in proof
    assert "7 of 8 validation" in describe_storage(49_000, 1_000, 1_000, (7, 8))
