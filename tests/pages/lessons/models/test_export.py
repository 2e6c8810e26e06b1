"""Export of a model in several formats, on the Models page."""

from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import formats
from pages.lessons.models.export import describe_agreement
from tests.pages.on_screen import button_keys, mentions
from tests.pages.opening import open_page, texts


def test_a_format_is_converted_once_and_then_offered_with_its_agreement(digits) -> None:
    at = open_page("models.py", view="away")
    assert mentions(at, "5 seconds", "once")
    at.button(key="models.convert.quantised").click().run()
    (job,) = queue.jobs(kind="export")
    assert "about to start" in at.get("progress")[0].proto.text
    other = open_page("models.py", view="away")  # another visitor sees the same job
    assert "models.convert.quantised" not in button_keys(other)
    other.button(key="models.convert.tflite").click().run()
    assert len(queue.jobs(kind="export")) == 2
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    result = formats.export_result(store.card("digits-tutorial"), "quantised")
    assert result is not None
    assert mentions(at, result.same, 360)
    assert describe_agreement(result) in texts(at)
    (download,) = [
        button.proto for button in at.get("download_button") if button.proto.id.endswith("-models.take.quantised")
    ]
    assert f"({result.bytes / 1e6:.1f} MB)" in download.label
    assert not at.exception


def test_a_stopped_conversion_says_so_and_is_offered_again(cnn_home) -> None:
    at = open_page("models.py", view="away")
    at.button(key="models.convert.tflite").click().run()
    (job,) = queue.jobs(kind="export")
    queue.request_stop(job.id, job.workspace)
    at.run()
    assert "It was stopped, and nothing half done was kept" in texts(at)
    assert not at.button(key="models.convert.tflite").disabled
