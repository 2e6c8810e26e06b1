"""The Training page, opened cold, with real runs."""

import errno
import os

import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.augmentation import settings as augmentation_settings
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.dispatcher import INTERRUPTED
from cnn.jobs.record import update_status
from cnn.jobs.worker import run_job
from cnn.model.presets import PRESETS
from cnn.training.config import recipe
from pages.shell import selection
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


def test_a_run_that_will_not_fit_into_its_time_is_said_before_the_click(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "may take at most" not in texts(open_page("training.py"))
    monkeypatch.setenv("CNN_JOB_SECONDS", "1")
    at = open_page("training.py")
    assert "A run here may take at most **1 second**" in texts(at)
    assert "of 5 epochs" in texts(at)


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


def test_a_run_that_a_restart_interrupted_is_continued_and_shown_as_it_ended() -> None:
    at = open_page("training.py")
    at.slider(key="training.set.epochs").set_value(1).run()
    job = started(at)
    update_status(job, "interrupted", INTERRUPTED)
    at.run()
    assert f"**Interrupted.** {INTERRUPTED}" in texts(at)
    at.button(key="training.continue").click().run()
    assert queue.read(job.id).state == "queued"
    assert "Interrupted" not in texts(at)
    assert run_job(str(home()), job.id) == "finished"
    selection.forget_lists()  # known for two seconds at most
    at.run()
    assert not at.exception
    assert "The final exam" in texts(at)
    assert "after epoch 1" in texts(at)
    assert job.name in at.selectbox(key="shell.model").options


def test_a_full_disk_gets_a_sentence_and_the_settings_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("training.py", **{"training.set.epochs": "2"})

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        at.button(key="training.start").click().run()
    assert not at.exception
    assert "could not be written to (No space left on device). Free some space" in texts(at)
    assert "run" not in at.query_params
    assert list((home() / "runs").iterdir()) == []
    assert started(at).settings["epochs"] == 2


def test_lab_shows_every_setting_and_impossible_ones_get_a_sentence() -> None:
    at = open_page("training.py", level="lab")
    at.number_input(key="training.set.images").set_value(10).run()
    at.number_input(key="training.set.batch").set_value(64).run()
    assert "A batch of 64 is larger than the 10 training images" in texts(at)
    assert not at.exception


IN_A_LINK = {
    "epochs": "7",
    "batch": "64",
    "rate": "0.03",
    "optimizer": "rmsprop",
    "schedule": "cosine",
    "images": "200",
    "augmentation": "turned",
    "patience": "3",
    "seed": "42",
    "mixed": "yes",
    "labels": "yes",
    "pixels": "yes",
}
MEANT = {
    "epochs": 7,
    "batch_size": 64,
    "learning_rate": 0.03,
    "optimizer": "rmsprop",
    "schedule": "cosine",
    "training_images": 200,
    "augmentation": "turned",
    "early_stopping": 3,
    "seed": 42,
    "mixed_precision": True,
    "shuffled_labels": True,
    "shuffled_pixels": True,
}


def address(at: AppTest) -> dict[str, str]:
    """What the address says, without the level."""
    values = {key: value if isinstance(value, str) else value[0] for key, value in at.query_params.items()}
    return {key: value for key, value in values.items() if key != "level"}


def test_a_link_shares_every_setting_of_a_run() -> None:
    link = {f"training.set.{name}": text for name, text in IN_A_LINK.items()} | {"training.network": "dense"}
    at = open_page("training.py", level="lab", **link)
    assert address(at) == link
    at.run()
    assert address(at) == link
    assert started(at).settings == recipe("digits", "dense", **MEANT).to_dict()


def test_chosen_settings_go_into_the_address_and_recommended_ones_stay_out() -> None:
    at = open_page("training.py", level="lab")
    assert address(at) == {}
    at.number_input(key="training.set.batch").set_value(64).run()
    at.toggle(key="training.set.mixed").set_value(True).run()
    assert address(at) == {"training.set.batch": "64", "training.set.mixed": "yes"}
    at.number_input(key="training.set.batch").set_value(32).run()
    at.segmented_control(key="shell.level").set_value("class").run()
    assert address(at) == {}
    at.segmented_control(key="shell.level").set_value("lab").run()
    assert address(at) == {"training.set.mixed": "yes"}
    at.button(key="shell.reset.training").click().run()
    at.run()
    assert address(at) == {}
    assert at.toggle(key="training.set.mixed").value is False


def test_impossible_settings_in_a_link_give_a_sentence_each_and_what_is_recommended() -> None:
    wrong = {"epochs": "inf", "batch": "1e400", "rate": "0.002", "optimizer": "magic", "images": "9" * 5000}
    wrong |= {"seed": "-1", "mixed": "maybe", "patience": "٣"}
    at = open_page("training.py", level="lab", **{f"training.set.{name}": value for name, value in wrong.items()})
    assert texts(at).count("The link names a") == len(wrong)
    assert address(at) == {}
    assert "9" * 41 not in texts(at)
    assert at.number_input(key="training.set.batch").value == 32
    assert at.button(key="training.start").label == "Start training"
    at.run()
    assert "The link names a" not in texts(at)


def test_a_change_of_network_brings_its_recommended_settings() -> None:
    at = open_page("training.py", level="lab", **{"training.set.seed": "5"})
    at.number_input(key="training.set.batch").set_value(64).run()
    for network in reversed(PRESETS):  # the first one is there already
        at.selectbox(key="training.network").set_value(network).run()
        assert not at.exception
        best = recipe("digits", network)
        assert at.number_input(key="training.set.batch").value == best.batch_size
        assert at.select_slider(key="training.set.rate").value == best.learning_rate
        assert at.selectbox(key="training.set.optimizer").value == best.optimizer
        assert at.selectbox(key="training.set.schedule").value == best.schedule
        chosen = at.selectbox(key="training.set.augmentation").value
        assert augmentation_settings.PRESETS[chosen] == best.variation
        assert set(address(at)) <= {"training.network"}


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


def test_a_run_stopped_in_its_first_epoch_claims_nothing_and_links_nowhere() -> None:
    at = open_page("training.py")
    workspace = at.session_state["shell.workspace"]
    id = queue.submit("train", {"dataset": "digits"}, workspace=workspace, name="Too short")
    queue.request_stop(id, workspace)
    at.query_params["run"] = id
    at.run()
    assert "Its first epoch was not over, so there is nothing to keep." in texts(at)
    assert "is kept" not in texts(at)
    assert not at.get("page_link")[-1].proto.label.startswith("Try a photo")


def test_a_data_set_that_is_not_here_is_said_to_be_missing() -> None:
    at = open_page("training.py", dataset="mnist")
    assert "is not on this machine yet" in texts(at)
    assert not [button for button in at.button if button.label == "Start training"]
