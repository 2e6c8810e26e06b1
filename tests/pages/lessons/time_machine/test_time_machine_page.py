"""Time machine, opened cold: the stored run, two runs, and sentences for what is not there."""

import json
import shutil

import numpy as np
import pytest

from cnn.home import home
from cnn.model import store
from tests.pages.opening import open_page, texts


@pytest.fixture
def film(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """What the browser was sent, call by call."""
    from pages.lessons.time_machine import replay

    sent: list[dict] = []

    def show(of, epochs, runs, chosen, *, play, key):
        sent.append({"epochs": epochs, "runs": runs, "chosen": chosen, "play": play})

    monkeypatch.setattr(replay, "film", show)
    return sent


def a_run(id: str, epochs: int) -> str:
    """A run's folder with the stored run's model and its first epochs."""
    folder = home() / "runs" / id
    shutil.copytree(store.PRETRAINED / "digits-tutorial", folder)
    (folder / "config.json").write_text(json.dumps({"name": "Mine", "workspace": "somebody"}))
    for epoch in range(epochs + 1, 13):
        (folder / "epochs" / f"{epoch}.weights.h5").unlink()
    return id


def test_it_opens_playing_the_stored_run(digits, film) -> None:
    at = open_page("time_machine.py")
    sent = film[-1]
    assert (sent["epochs"], sent["play"], sent["chosen"]) == (list(range(13)), True, 12)
    run = sent["runs"][0]
    assert run["title"] == "digits-tutorial"
    assert [len(moment["maps"]) for moment in run["moments"]] == [5] * 13
    assert [sum(map(sum, moment["table"])) for moment in run["moments"]] == [144] * 13
    right = [np.trace(np.array(moment["table"])) for moment in run["moments"]]
    assert right[-1] == store.card("digits-tutorial").validation[0] > right[0]
    at.run()
    assert film[-1]["play"] is False


def test_while_the_data_set_is_being_made_a_held_out_image_of_the_run_is_shown(film) -> None:
    at = open_page("time_machine.py")
    assert "Held-out image" in at.segmented_control(key="time.source").options
    assert film[-1]["runs"][0]["moments"][0]["table"] is None


def test_a_link_to_an_epoch_that_was_not_kept_gets_a_sentence(digits, film) -> None:
    at = open_page("time_machine.py", **{"time.epoch": "99"})
    assert "The link names a kept epoch that is not here, “99”. You see “12” instead." in texts(at)
    assert film[-1]["chosen"] == 12
    at = open_page("time_machine.py", **{"time.epoch": "3"})
    assert (film[-1]["chosen"], film[-1]["play"]) == (3, False)


def test_of_a_model_without_epochs_the_two_ends_are_shown_and_said_to_be_all(film) -> None:
    at = open_page("time_machine.py", model="shapes-tutorial")
    assert "Of “shapes-tutorial” the way was not kept, so there are only its two ends" in texts(at)
    assert film[-1]["runs"][0]["title"] == "shapes-tutorial"
    assert film[-1]["epochs"] == [0, 14]


def test_a_deleted_run_gets_a_sentence(digits, film) -> None:
    id = a_run("soon-gone-000000000000", 3)
    at = open_page("time_machine.py", model=id)
    assert film[-1]["epochs"] == [0, 1, 2, 3]
    shutil.rmtree(home() / "runs" / id)
    from pages.shell import selection

    selection.forget_lists()
    at.run()
    assert not at.exception
    assert film[-1]["runs"][0]["title"] == "digits-tutorial"
    at.query_params["model"] = id
    at.run()
    assert "The link names a model that is not here" in texts(at)


def test_two_runs_stand_at_the_same_epoch(digits, film) -> None:
    id = a_run("shorter-00000000000000", 3)
    open_page("time_machine.py", model=id, **{"time.other": "digits-tutorial"})
    first, second = film[-1]["runs"]
    assert film[-1]["epochs"] == list(range(13))
    assert first["at"] == [0, 1, 2, 3] + [3] * 9
    assert second["at"] == list(range(13))


def test_damaged_weights_are_said_to_be(digits, film) -> None:
    id = a_run("damaged-00000000000000", 3)
    (home() / "runs" / id / "epochs" / "2.weights.h5").write_bytes(b"no weights")
    at = open_page("time_machine.py", model=id)
    assert "The weights kept after epoch 2 are gone or damaged" in texts(at)
    assert not film


def test_its_code_runs(digits, film, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    at = open_page("time_machine.py")
    shutil.copytree(store.PRETRAINED / "digits-tutorial", tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    exec(str(at.get("code")[0].value), {})
    assert len(capsys.readouterr().out.splitlines()) == 3
