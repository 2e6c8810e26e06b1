"""Augmentation, opened cold, in each of its views."""

import pytest

from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.training.config import recipe
from pages.lessons.augmentation import experiment
from pages.server.startup import startup
from tests.pages.opening import open_page, texts


def test_it_opens_on_24_variants_with_the_networks_answers(digits) -> None:
    at = open_page("augmentation.py")
    assert "varied 24 times" in texts(at)
    html = "\n".join(element.proto.body for element in at.get("html"))
    assert html.count('<div role="listitem"') == 24
    at.segmented_control(key="augmentation.strength").set_value(0.0).run()
    assert "24 of 24" in texts(at)
    assert not at.exception


@pytest.mark.parametrize("view", ["many", "sweep", "help"])
def test_every_view_opens_in_the_lab(digits, view) -> None:
    at = open_page("augmentation.py", level="lab", **{"augmentation.view": view})
    at.selectbox(key="augmentation.noise").set_value(0.1).run()
    assert not at.exception


def test_training_both_shows_which_test_images_changed(digits, monkeypatch) -> None:
    monkeypatch.setattr(experiment, "EPOCHS", 1)
    monkeypatch.setattr(experiment, "IMAGES", 128)
    at = open_page("augmentation.py", **{"augmentation.view": "help"})
    at.button(key="augmentation.train").click().run()
    jobs = {job.id for job in queue.jobs(kind="train")}
    assert jobs == {"".join(at.query_params[f"augmentation.{side}"]) for side in ("without", "with")}
    without, varied = (queue.read("".join(at.query_params[f"augmentation.{side}"])) for side in ("without", "with"))
    assert without.settings == varied.settings | {"augmentation": without.settings["augmentation"]}
    for id in jobs:
        assert run_job(str(home()), id) == "finished"
    at.run()
    assert not at.exception
    said = texts(at)
    assert "From wrong to right" in said
    assert "From right to wrong" in said
    assert said.count("the final exam") == 2


def test_runs_in_a_link_that_cannot_be_compared_get_a_sentence(digits) -> None:
    ids = [
        queue.submit("train", recipe(name, "tutorial").to_dict(), workspace="w", name=name)
        for name in ("digits", "shapes")
    ]
    prepare = queue.submit("prepare", {"dataset": "shapes"}, workspace="w", name="p")
    for one, other, sentence in (
        (*ids, "not runs on one data set"),
        (ids[1], prepare, "not runs on one data set"),
        (ids[0], "nothing", "There is no run"),
    ):
        query = {"augmentation.view": "help", "augmentation.without": one, "augmentation.with": other}
        assert sentence in texts(open_page("augmentation.py", **query))


def test_a_link_with_an_impossible_strength_gets_a_sentence(digits) -> None:
    at = open_page("augmentation.py", **{"augmentation.strength": "9"})
    assert "The link names a strength that is not here" in texts(at)


def test_a_page_that_stops_early_counts_as_the_first_page_shown() -> None:
    startup._first_page.clear()
    at = open_page("augmentation.py", dataset="shapes")
    assert at.button(key="images.prepare").label
    assert startup._first_page.is_set()
