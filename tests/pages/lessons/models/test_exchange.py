"""Taking a model away and bringing one in, on the Models page."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import formats, package
from cnn.requests import models as model_requests
from cnn.training.transfer_config import TransferConfig
from tests.model.exchange.test_export import saved
from tests.pages.opening import open_page, texts


def brought(at: AppTest, data: bytes, name: str = "mine.keras") -> AppTest:
    (uploader,) = [box for box in at.file_uploader if str(box.key).startswith("models.file.")]
    uploader.upload(name, data, "application/octet-stream").run()
    return at.button(key="models.bring").click().run()


def test_a_format_is_asked_for_made_once_and_then_offered_with_its_agreement(digits) -> None:
    at = open_page("models.py", view="away")
    assert "Takes about 5 seconds, once" in texts(at)
    at.button(key="models.convert.quantised").click().run()
    (job,) = queue.jobs(kind="export")
    assert "about to start" in at.get("progress")[0].proto.text
    other = open_page("models.py", view="away")  # another visitor sees the same job
    assert "models.convert.quantised" not in {button.key for button in other.button}
    other.button(key="models.convert.tflite").click().run()
    assert len(queue.jobs(kind="export")) == 2
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    made = formats.export_result(store.card("digits-tutorial"), "quantised")
    assert made is not None
    assert f"the same class as the original on **{made.same} of 360** test images" in texts(at)
    assert f"({made.bytes / 1e6:.1f} MB)" in "".join(str(b.proto.label) for b in at.get("download_button"))
    assert not at.exception


def test_a_conversion_that_failed_says_why_and_is_offered_again(cnn_home) -> None:
    at = open_page("models.py", view="away")
    at.button(key="models.convert.tflite").click().run()
    (job,) = queue.jobs(kind="export")
    queue.request_stop(job.id, job.workspace)
    at.run()
    assert "It was stopped, and nothing half done was kept" in texts(at)
    assert at.button(key="models.convert.tflite").label == "Convert to TFLite"


def test_a_model_is_brought_in_listed_and_shown_on_every_page(cnn_home) -> None:
    at = brought(open_page("models.py"), package.keras_file_with_card(store.card("digits-tutorial")))
    (job,) = queue.jobs(kind=model_requests.ADMIT)
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    assert at.session_state["shell.model"] == job.id
    assert "digits-tutorial, brought in" in at.header.values
    assert "Final exam" in texts(at)
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
def test_a_refused_model_says_why_until_another_is_brought(cnn_home, name: str, data: bytes, reason: str) -> None:
    at = brought(open_page("models.py"), data, name)
    assert reason in texts(at)
    assert queue.jobs() == []
    assert at.session_state["shell.model"] == "digits-tutorial"
    brought(at, package.keras_file_with_card(store.card("shapes-tutorial")))
    assert reason not in texts(at)
    assert len(queue.jobs(kind=model_requests.ADMIT)) == 1


def test_what_only_loading_shows_is_said_when_the_job_has_ended(cnn_home) -> None:
    data = package.keras_file_with_card(store.card("digits-tutorial"))
    from tests.model.exchange.test_admission import reconfigured

    wrong = reconfigured(lambda told: told["card"].update(input_shape=[64, 64, 1]), data, package.CARD)
    at = brought(open_page("models.py"), wrong)
    (job,) = queue.jobs(kind=model_requests.ADMIT)
    assert run_job(str(home()), job.id) == "failed"
    at.run()
    assert "does not take images of 64 x 64 x 1, as its card says" in texts(at)
    assert not at.exception


def test_the_card_of_a_transfer_model_is_shown(cnn_home) -> None:
    config = TransferConfig("digits", "built-in").to_dict()
    saved("transferred", "digits", store.load("digits-tutorial"), list("0123456789"), config=config)
    at = open_page("models.py", model="transferred")
    assert "batch size 32, adam, learning rate 0.001" in texts(at)
