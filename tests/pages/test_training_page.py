"""The Training page, opened cold, with real runs."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.home import home
from cnn.training import queue
from cnn.training.worker import run_job
from tests.pages.opening import open_page, texts


def started(at: AppTest) -> queue.Job:
    at.button(key="training.start").click().run()
    assert not at.exception
    run = at.query_params["run"]
    return queue.read(run if isinstance(run, str) else run[0])


def test_it_opens_on_a_replay() -> None:
    at = open_page("training.py")
    assert "Twelve images it never practises on" in texts(at)
    assert "before any training" in texts(at)
    assert at.button(key="training.start").label == "Start training"
    assert "Takes about" in texts(at)


def test_start_queues_the_run_that_the_controls_describe() -> None:
    at = open_page("training.py")
    at.slider(key="training.set.epochs").set_value(2).run()
    job = started(at)
    assert job.state == "queued"
    assert job.settings["epochs"] == 2
    assert job.settings["dataset"] == "digits"
    assert job.settings["architecture"]["name"] == "tutorial"
    assert job.seconds_expected is not None
    assert job.seconds_expected > 0


def test_a_run_is_shown_as_it_ended_and_gives_a_model() -> None:
    at = open_page("training.py")
    at.slider(key="training.set.epochs").set_value(1).run()
    job = started(at)
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    assert not at.exception
    assert "The final exam" in texts(at)
    assert "after epoch 1" in texts(at)
    assert job.name in at.selectbox(key="shell.model").options


def test_lab_shows_every_setting_and_impossible_ones_get_a_sentence() -> None:
    at = open_page("training.py", level="lab")
    at.number_input(key="training.set.images").set_value(10).run()
    at.number_input(key="training.set.batch").set_value(64).run()
    assert "A batch of 64 is larger than the 10 training images" in texts(at)
    assert not at.exception


def test_a_change_of_network_brings_its_recommended_settings() -> None:
    at = open_page("training.py", level="lab")
    at.selectbox(key="training.network").set_value("resnet-small").run()
    assert at.selectbox(key="training.set.optimizer").value == "sgd"
    assert at.selectbox(key="training.set.schedule").value == "one-cycle"
    at.selectbox(key="training.network").set_value("tutorial").run()
    assert at.selectbox(key="training.set.optimizer").value == "adam"


@pytest.mark.parametrize("run", ["gone-for-good-0", "../../etc/passwd", "x"])
def test_a_link_to_an_unknown_run_gets_a_sentence(run: str) -> None:
    at = open_page("training.py", run=run)
    assert "There is no run with this address" in texts(at)
    assert not at.exception


def test_somebody_elses_run_can_be_watched_and_not_stopped() -> None:
    config = {"dataset": "digits"}
    id = queue.submit("train", config, workspace="somebody-else-0000000", name="Theirs")
    at = open_page("training.py", run=id)
    assert "You are watching somebody else's run" in texts(at)
    assert not [button for button in at.button if button.label == "Stop"]


def test_a_data_set_that_is_not_here_is_said_to_be_missing() -> None:
    at = open_page("training.py", dataset="mnist")
    assert "is not on this machine yet" in texts(at)
    assert not [button for button in at.button if button.label == "Start training"]
