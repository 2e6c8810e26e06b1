"""Import of a model on the Models page."""

import re
import secrets

import keras
import pytest
from streamlit.testing.v1 import AppTest

from cnn import __main__ as command_line
from cnn.analysis.evaluation.intervals import in_words
from cnn.errors import JobError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import package
from cnn.requests import models as model_requests
from tests.model.exchange.model_files import with_json
from tests.pages.on_screen import captions, linked_pages, mentions
from tests.pages.opening import open_page, texts


def import_file(at: AppTest, data: bytes, name: str = "mine.keras") -> AppTest:
    """Upload a file and click the button that imports it."""
    (uploader,) = [box for box in at.file_uploader if str(box.key).startswith("models.file.")]
    uploader.upload(name, data, "application/octet-stream").run()
    return at.button(key="models.bring").click().run()


def test_an_imported_model_is_listed_and_works_on_every_page(cnn_home) -> None:
    at = import_file(open_page("models.py"), package.keras_file_with_card(store.card("digits-tutorial")))
    (job,) = queue.jobs(kind=model_requests.IMPORT)
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    assert at.session_state["shell.model"] == job.id
    assert store.card(job.id).title in at.header.values
    assert store.card(job.id).title == "mine"
    assert mentions(at, "mine", "was added to your models")
    assert {f"predict?model={job.id}", f"feature_maps?model={job.id}"} <= linked_pages(at)
    assert not [field for field in at.text_input if field.key == "models.import_name"]
    assert in_words(*store.card(job.id).test) in texts(at)
    for view in ("layers", "away", "mistakes"):
        at.segmented_control(key="models.view").set_value(view).run()
        assert not at.exception
    for page in (
        *("predict.py", "feature_maps.py", "time_machine.py", "explanations.py", "evaluation.py"),
        *("training.py", "transfer_learning.py", "architecture.py", "home.py"),
    ):
        at.switch_page(page).run()
        assert not at.exception, page
        assert at.session_state["shell.model"] == job.id
    at.switch_page("models.py").run()
    at.checkbox(key=f"models.sure.{job.id}").check().run()
    at.button(key="models.delete").click().run()
    assert store.names(job.workspace) == store.names()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [("letter.keras", b"Dear all", "“letter.keras” is not a Keras model"), ("cut.keras", b"PK\3\4 no", "cut off")],
)
def test_a_refused_file_says_why_until_another_is_imported(cnn_home, name: str, data: bytes, reason: str) -> None:
    at = import_file(open_page("models.py"), data, name)
    assert reason in texts(at)
    assert queue.jobs() == []
    assert at.session_state["shell.model"] == "digits-tutorial"
    import_file(at, package.keras_file_with_card(store.card("shapes-tutorial")))
    assert reason not in texts(at)
    assert len(queue.jobs(kind=model_requests.IMPORT)) == 1


def test_what_only_loading_reveals_is_said_when_the_job_has_ended(cnn_home) -> None:
    data = package.keras_file_with_card(store.card("digits-tutorial"))
    wrong = with_json(lambda description: description["card"].update(input_shape=[64, 64, 1]), data, package.CARD)
    at = import_file(open_page("models.py"), wrong)
    (job,) = queue.jobs(kind=model_requests.IMPORT)
    assert run_job(str(home()), job.id) == "failed"
    at.run()
    assert mentions(at, "64 x 64 x 1")
    assert queue.read(job.id).reason in texts(at)
    assert not at.exception


def test_a_network_of_any_keras_is_described_tried_and_kept(cnn_home, tmp_path, monkeypatch) -> None:
    """Up to every page that takes a model; one kind of its layers is not followed to the pixels, and is named."""
    random_id = secrets.token_urlsafe
    # Streamlit takes no "__" in the keys of components, which are made of ids and of the names of layers.
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: f"a__{random_id(size)[3:]}")
    layers = [keras.layers.RandomFlip(), keras.layers.Conv2D(4, 3, name="first__conv"), keras.layers.LeakyReLU()]
    end = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1, activation="sigmoid")]
    original = keras.Sequential([keras.Input((32, 32, 3)), *layers, *end])
    original.save(tmp_path / "cups.h5")
    at = import_file(open_page("models.py"), (tmp_path / "cups.h5").read_bytes(), "cups.h5")
    (job,) = queue.jobs(kind=model_requests.INSPECT)
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    assert not at.exception
    assert mentions(at, 4, "layers", original.count_params(), "parameters")
    assert mentions(at, "32 x 32 x 3", "sigmoid")
    assert mentions(at, "RandomFlip")
    assert mentions(at, "LeakyReLU", "not explained here")
    assert store.names(job.workspace) == store.names()
    tried = captions(at)
    assert len(tried) == 3
    at.selectbox(key="models.keep.dataset").set_value("").run()
    at.button(key="models.keep").click().run()
    assert mentions(at, "Received 0 names of classes")
    at.text_input(key="models.keep.classes").set_value("cup, bowl").run()
    assert all(caption.startswith(("cup", "bowl")) for caption in captions(at))
    at.selectbox(key="models.keep.pixels").set_value("imagenet").run()
    assert not at.exception
    at.button(key="models.keep").click().run()
    (keeping,) = queue.jobs(kind=model_requests.KEEP)
    assert run_job(str(home()), keeping.id) == "finished"
    at.run()
    assert at.session_state["shell.model"] == keeping.id
    card = store.card(keeping.id)
    assert card.class_names == ("cup", "bowl")
    assert mentions(at, "not measured here")
    assert mentions(at, "cups.h5", "blue first")
    for view in ("layers", "away", "mistakes"):
        at.segmented_control(key="models.view").set_value(view).run()
        assert not at.exception, view
    for page in (
        *("predict.py", "feature_maps.py", "time_machine.py", "explanations.py", "evaluation.py", "convolution.py"),
        *("training.py", "transfer_learning.py", "architecture.py", "home.py", "images.py", "augmentation.py"),
    ):
        at.switch_page(page).run()
        assert not at.exception, page
        assert at.session_state["shell.model"] == keeping.id


def test_a_network_that_was_looked_at_is_thrown_away(cnn_home, tmp_path) -> None:
    keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]).save(tmp_path / "a.keras")
    at = import_file(open_page("models.py"), (tmp_path / "a.keras").read_bytes())
    (job,) = queue.jobs(kind=model_requests.INSPECT)
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    at.button(key="models.discard").click().run()
    assert not at.exception
    assert queue.jobs() == []
    assert not list(home().rglob("model.keras"))


def test_a_model_of_the_command_line_is_taken_into_a_visitors_list(cnn_home, tmp_path, capsys) -> None:
    flat = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    keras.Sequential(flat).save(tmp_path / "mine.h5")
    command = ["import-model", str(tmp_path / "mine.h5"), "--classes", "cup,bowl", "--pixels=0..1"]
    assert command_line.main(command) == 0
    printed = capsys.readouterr().out
    id = re.search(r"/models\?model=([\w-]+)", printed)[1]
    assert "Take it into my list" in printed
    at = open_page("models.py")
    assert "mine" not in str(at.dataframe[0].value)
    at = open_page("models.py", model=id)
    mine = at.session_state["shell.workspace"]
    assert id not in store.names(mine)
    at.button(key="models.claim").click().run()
    assert not at.exception
    assert id in store.names(mine)
    assert at.session_state["shell.model"] == id
    assert "mine" in str(at.dataframe[0].value)
    assert not [button for button in at.button if button.key == "models.claim"]
    assert at.button(key="models.rename")
    at.switch_page("predict.py").run()
    assert at.selectbox(key="shell.model").value == id
    other = open_page("models.py", model=id)
    assert not [button for button in other.button if button.key == "models.claim"]
    with pytest.raises(JobError, match="Another visitor has taken this already"):
        queue.claim(id, other.session_state["shell.workspace"])
    assert queue.read(id).workspace == mine
