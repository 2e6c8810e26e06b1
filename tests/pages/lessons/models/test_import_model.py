"""Import of a model on the Models page."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.intervals import in_words
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import package
from cnn.requests import models as model_requests
from tests.model.exchange.model_files import with_json
from tests.pages.on_screen import mentions
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
    assert "digits-tutorial" in store.card(job.id).title
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
        assert at.selectbox(key="shell.model").value == job.id
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
