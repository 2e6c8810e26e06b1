"""The Training page with real runs."""

import errno
import os
import re

import pytest
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.intervals import in_words
from cnn.data import catalog
from cnn.data.augmentation import settings as augmentation_settings
from cnn.errors import ConfigError, JobError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.dispatcher import INTERRUPTED
from cnn.jobs.record import update_status
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.presets import PRESETS
from cnn.training import duration_estimate
from cnn.training.config import recipe
from pages.shell import selection
from pages.shell.text import duration, literal
from pages.widgets.job_request import duration_note
from tests.pages.on_screen import mentions
from tests.pages.opening import notices, open_page, texts


def start_run(at: AppTest) -> queue.Job:
    at.button(key="training.start").click().run()
    assert not at.exception
    run = at.query_params["run"]
    return queue.read(run if isinstance(run, str) else run[0])


def headings_of_watched_images(at: AppTest) -> list[list[str]]:
    """The numbers in each heading of the twelve watched images: the epoch if any, how many are correct, and 12."""
    numbers = [re.findall(r"\d+", header.value) for header in at.header if header.value.startswith("**")]
    return [row for row in numbers if row[-1:] == ["12"]]


def can_start(at: AppTest) -> bool:
    return any(button.key == "training.start" and not button.disabled for button in at.button)


def test_opens_on_a_replay() -> None:
    at = open_page("training.py")
    ((correct, count),) = headings_of_watched_images(at)  # no epoch: before any training
    assert int(correct) <= int(count)
    assert at.get("progress")[0].proto.value == 0
    assert catalog.info("digits").title in at.get("progress")[0].proto.text
    assert any(store.card("digits-tutorial").title in caption.value for caption in at.caption)
    assert "\n".join(element.proto.body for element in at.get("html")).count('<div role="listitem"') == 12
    assert can_start(at)
    assert duration_note(duration_estimate.seconds(recipe("digits", "tutorial", epochs=5))) in texts(at)


def test_a_run_that_exceeds_the_time_limit_is_reported_before_the_click(monkeypatch: pytest.MonkeyPatch) -> None:
    assert notices(open_page("training.py")) == []
    monkeypatch.setenv("CNN_JOB_SECONDS", "1")
    (sentence,) = notices(open_page("training.py"))
    assert f"**{duration(1)}**" in sentence
    assert re.findall(r"\d+", sentence) == ["1", "1", "5"]  # seconds, epochs that fit, epochs chosen


def test_start_queues_the_run_that_the_controls_describe() -> None:
    at = open_page("training.py")
    at.slider(key="training.set.epochs").set_value(2).run()
    job = start_run(at)
    assert job.state == "queued"
    assert job.settings["epochs"] == 2
    assert job.settings["dataset"] == "digits"
    assert job.settings["architecture"]["name"] == "tutorial"
    assert job.seconds_expected is not None
    assert job.seconds_expected > 0


def test_a_run_is_called_what_the_field_says_and_the_next_one_otherwise() -> None:
    at = open_page("training.py")
    suggested = "Simple CNN on Handwritten digits, 2"  # the first of that name comes with the app
    assert at.text_input(key="training.name").value == suggested
    assert start_run(at).name == suggested
    at.selectbox(key="training.network").set_value("dense").run()
    assert at.text_input(key="training.name").value == "Fully connected network on Handwritten digits"
    at.text_input(key="training.name").set_value("*Mine*").run()
    at.selectbox(key="training.network").set_value("tutorial").run()
    assert start_run(at).name == "*Mine*"  # a name of the visitor's own stays until it is used
    assert at.header[0].value == f"**{literal('*Mine*')}**"
    assert at.text_input(key="training.name").value == "Simple CNN on Handwritten digits, 3"
    at.text_input(key="training.name").set_value("*mine*").run()
    assert mentions(at, "is taken", "2")
    at.button(key="training.start").click().run()
    assert {job.name for job in queue.jobs()} == {"Simple CNN on Handwritten digits, 2", "*Mine*", "*mine*, 2"}


def test_an_interrupted_run_can_be_continued_and_its_result_is_shown() -> None:
    at = open_page("training.py")
    at.slider(key="training.set.epochs").set_value(1).run()
    job = start_run(at)
    update_status(job, "interrupted", INTERRUPTED)
    at.run()
    assert INTERRUPTED in texts(at)
    at.button(key="training.continue").click().run()
    assert queue.read(job.id).state == "queued"
    assert INTERRUPTED not in texts(at)
    assert run_job(str(home()), job.id) == "finished"
    selection.forget_lists()  # they are cached for two seconds
    at.run()
    assert not at.exception
    accuracy = in_words(*store.card(job.id).validation).replace("\N{NO-BREAK SPACE}", " ")
    assert accuracy in texts(at)
    ((epoch, _, _),) = headings_of_watched_images(at)
    assert epoch == "1"
    assert job.name in at.selectbox(key="shell.model").options


def test_a_click_right_after_a_change_starts_a_run_with_the_new_setting() -> None:
    at = open_page("training.py", **{"training.set.epochs": "2"})
    at.slider(key="training.set.epochs").set_value(7)  # the click comes before the page has followed the slider
    assert start_run(at).settings["epochs"] == 7


def test_a_click_that_came_with_an_impossible_setting_starts_nothing_later() -> None:
    at = open_page("training.py", level="lab", **{"training.set.images": "40", "training.set.batch": "8"})
    at.number_input(key="training.set.batch").set_value(64)
    at.button(key="training.start").click().run()
    assert len(notices(at)) == 1
    at.number_input(key="training.set.batch").set_value(4).run()
    assert can_start(at)
    assert list((home() / "runs").glob("*")) == []


def test_a_full_disk_is_reported_and_the_settings_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("training.py", **{"training.set.epochs": "2"})

    def fail_for_lack_of_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail_for_lack_of_space)
        at.button(key="training.start").click().run()
    assert not at.exception
    assert any(f"({os.strerror(errno.ENOSPC)})" in sentence for sentence in notices(at))
    assert "run" not in at.query_params
    assert list((home() / "runs").iterdir()) == []
    assert start_run(at).settings["epochs"] == 2


def test_lab_shows_every_setting_and_impossible_ones_are_reported() -> None:
    at = open_page("training.py", level="lab")
    at.number_input(key="training.set.images").set_value(10).run()
    at.number_input(key="training.set.batch").set_value(64).run()
    with pytest.raises(ConfigError, match=r"\b64\b.*\b10\b") as error:
        recipe("digits", "tutorial", batch_size=64, training_images=10)
    assert notices(at) == [str(error.value)]
    assert not at.exception


LINK_SETTINGS = {
    "epochs": "7",
    "batch": "64",
    "rate": "0.03",
    "optimizer": "rmsprop",
    "decay": "0.01",
    "smoothing": "0.1",
    "mixup": "0.2",
    "cutmix": "1",
    "schedule": "cosine",
    "images": "200",
    "augmentation": "turned",
    "patience": "3",
    "seed": "42",
    "mixed": "yes",
    "labels": "yes",
    "pixels": "yes",
}
CONFIG_ARGUMENTS = {
    "epochs": 7,
    "batch_size": 64,
    "learning_rate": 0.03,
    "optimizer": "rmsprop",
    "weight_decay": 0.01,
    "label_smoothing": 0.1,
    "mix_up": 0.2,
    "cut_mix": 1.0,
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
    """The query parameters except the level."""
    values = {key: value if isinstance(value, str) else value[0] for key, value in at.query_params.items()}
    return {key: value for key, value in values.items() if key != "level"}


def test_a_link_shares_every_setting_of_a_run() -> None:
    link = {f"training.set.{name}": text for name, text in LINK_SETTINGS.items()} | {"training.network": "dense"}
    at = open_page("training.py", level="lab", **link)
    assert address(at) == link
    at.run()
    assert address(at) == link
    assert start_run(at).settings == recipe("digits", "dense", **CONFIG_ARGUMENTS).to_dict()


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


def test_invalid_settings_in_a_link_are_each_reported_and_replaced_by_the_recommended_ones() -> None:
    invalid = {"epochs": "inf", "batch": "1e400", "rate": "0.002", "optimizer": "magic", "images": "9" * 5000}
    invalid |= {"seed": "-1", "mixed": "maybe", "patience": "٣"}
    at = open_page("training.py", level="lab", **{f"training.set.{name}": value for name, value in invalid.items()})
    reported = [re.findall("“(.*?)”", sentence)[0] for sentence in notices(at)]
    assert sorted(reported) == sorted(value[:40] for value in invalid.values())
    assert address(at) == {}
    assert "9" * 41 not in texts(at)
    assert at.number_input(key="training.set.batch").value == 32
    assert can_start(at)
    at.run()
    assert notices(at) == []


def test_a_change_of_network_brings_its_recommended_settings() -> None:
    at = open_page("training.py", level="lab", **{"training.set.seed": "5"})
    at.number_input(key="training.set.batch").set_value(64).run()
    for network in reversed(PRESETS):  # the first one is selected already
        at.selectbox(key="training.network").set_value(network).run()
        assert not at.exception
        recommended = recipe("digits", network)
        assert at.number_input(key="training.set.batch").value == recommended.batch_size
        assert at.select_slider(key="training.set.rate").value == recommended.learning_rate
        assert at.selectbox(key="training.set.optimizer").value == recommended.optimizer
        assert at.selectbox(key="training.set.schedule").value == recommended.schedule
        augmentation = at.selectbox(key="training.set.augmentation").value
        assert augmentation_settings.PRESETS[augmentation] == recommended.variation
        assert set(address(at)) <= {"training.network"}


def test_the_recommended_weight_decay_follows_the_optimiser() -> None:
    at = open_page("training.py", level="lab", **{"training.set.optimizer": "adamw"})
    decay = at.selectbox(key="training.set.decay")
    assert decay.value == 0.004
    assert address(at) == {"training.set.optimizer": "adamw"}
    at.selectbox(key="training.set.optimizer").set_value("sgd").run()
    assert at.selectbox(key="training.set.decay").value == 0
    at.selectbox(key="training.set.decay").set_value(0.01).run()
    assert address(at) == {"training.set.optimizer": "sgd", "training.set.decay": "0.01"}
    at.run()
    assert at.selectbox(key="training.set.decay").value == 0.01
    assert start_run(at).settings["weight_decay"] == 0.01


@pytest.mark.parametrize("run", ["gone-for-good-0", "../../etc/passwd", "x"])
def test_a_link_to_an_unknown_run_is_reported(run: str) -> None:
    at = open_page("training.py", run=run)
    with pytest.raises(JobError) as error:
        queue.read(run)
    assert str(error.value) in notices(at)
    assert not at.exception


def test_another_visitors_run_can_be_watched_but_not_stopped() -> None:
    config = {"dataset": "digits"}
    id = queue.submit("train", config, workspace="somebody-else-0000000", name="Theirs")
    at = open_page("training.py", run=id)
    assert "You are watching somebody else's run" in texts(at)
    assert "training.stop" not in {button.key for button in at.button}


def test_a_run_stopped_in_its_first_epoch_keeps_nothing_and_links_nowhere() -> None:
    at = open_page("training.py")
    workspace = at.session_state["shell.workspace"]
    id = queue.submit("train", {"dataset": "digits"}, workspace=workspace, name="Too short")
    queue.request_stop(id, workspace)
    at.query_params["run"] = id
    at.run()
    assert "Its first epoch was not over, so there is nothing to keep." in texts(at)
    assert "is kept" not in texts(at)
    assert not {"models", "predict"} & {link.proto.page for link in at.main.get("page_link")}


def test_a_missing_dataset_is_reported_and_cannot_be_trained_on() -> None:
    at = open_page("training.py", dataset="mnist")
    assert f"**{catalog.info('mnist').title}**" in notices(at)[0]
    assert "training.start" not in {button.key for button in at.button}
