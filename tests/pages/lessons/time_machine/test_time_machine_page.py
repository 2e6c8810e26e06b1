"""The Time machine page, opened cold: the stored run, two runs, and what is missing or damaged."""

import json
import shutil

import numpy as np
import pytest

from cnn.home import home
from cnn.model import store
from tests.pages.on_screen import mentions
from tests.pages.opening import open_page, texts


@pytest.fixture
def player_calls(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """The arguments of each call of the epoch player."""
    from pages.lessons.time_machine import replay

    calls: list[dict] = []

    def record(fingerprint, epochs, runs, chosen, *, play, key):
        calls.append({"epochs": epochs, "runs": runs, "chosen": chosen, "play": play})

    monkeypatch.setattr(replay, "epoch_player", record)
    return calls


def save_run(id: str, epochs: int) -> str:
    """Save a run with the stored run's model and its first epochs; returns the id."""
    folder = home() / "runs" / id
    shutil.copytree(store.PRETRAINED / "digits-tutorial", folder)
    (folder / "config.json").write_text(json.dumps({"name": "Mine", "workspace": "somebody"}))
    for epoch in range(epochs + 1, 13):
        (folder / "epochs" / f"{epoch}.weights.h5").unlink()
    return id


def test_it_opens_playing_the_stored_run(digits, player_calls) -> None:
    at = open_page("time_machine.py")
    call = player_calls[-1]
    assert (call["epochs"], call["play"], call["chosen"]) == (list(range(13)), True, 12)
    run = call["runs"][0]
    assert run["title"] == "Simple CNN on Handwritten digits"
    assert [len(moment["maps"]) for moment in run["moments"]] == [5] * 13
    assert [sum(map(sum, moment["table"])) for moment in run["moments"]] == [144] * 13
    correct = [np.trace(np.array(moment["table"])) for moment in run["moments"]]
    assert correct[-1] == store.card("digits-tutorial").validation[0] > correct[0]
    at.run()
    assert player_calls[-1]["play"] is False


def test_without_the_data_set_a_validation_image_of_the_run_is_shown(player_calls) -> None:
    at = open_page("time_machine.py")
    assert at.session_state["shell.picture_name"].startswith("watched-")
    assert player_calls[-1]["runs"][0]["moments"][0]["table"] is None


def test_a_link_to_an_epoch_that_was_not_saved_is_answered(digits, player_calls) -> None:
    at = open_page("time_machine.py", **{"time.epoch": "99"})
    assert mentions(at, "“99”", "“12”")
    assert player_calls[-1]["chosen"] == 12
    at = open_page("time_machine.py", **{"time.epoch": "3"})
    assert (player_calls[-1]["chosen"], player_calls[-1]["play"]) == (3, False)


def test_a_model_without_saved_epochs_shows_its_two_ends_and_says_so(player_calls) -> None:
    at = open_page("time_machine.py", model="shapes-tutorial")
    assert mentions(at, "“Simple CNN on Drawn shapes”", "not kept", "two ends", "14 epochs")
    assert player_calls[-1]["runs"][0]["title"] == "Simple CNN on Drawn shapes"
    assert player_calls[-1]["epochs"] == [0, 14]


def test_a_link_to_a_deleted_run_is_answered(digits, player_calls) -> None:
    id = save_run("short-run-000000000000", 3)
    at = open_page("time_machine.py", model=id)
    assert player_calls[-1]["epochs"] == [0, 1, 2, 3]
    shutil.rmtree(home() / "runs" / id)
    from pages.shell import selection

    selection.forget_lists()
    at.run()
    assert not at.exception
    assert player_calls[-1]["runs"][0]["title"] == "Simple CNN on Handwritten digits"
    at.query_params["model"] = id
    at.run()
    assert "Model: the link chooses" in texts(at)


def test_two_runs_are_shown_at_the_same_epoch(digits, player_calls) -> None:
    id = save_run("shorter-00000000000000", 3)
    open_page("time_machine.py", model=id, **{"time.other": "digits-tutorial"})
    first, second = player_calls[-1]["runs"]
    assert player_calls[-1]["epochs"] == list(range(13))
    assert first["at"] == [0, 1, 2, 3] + [3] * 9
    assert second["at"] == list(range(13))


def test_damaged_weights_are_reported(digits, player_calls) -> None:
    id = save_run("damaged-00000000000000", 3)
    (home() / "runs" / id / "epochs" / "2.weights.h5").write_bytes(b"no weights")
    at = open_page("time_machine.py", model=id)
    assert mentions(at, "epoch 2", "damaged")
    assert not player_calls


def test_its_code_runs(digits, player_calls, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    at = open_page("time_machine.py")
    shutil.copytree(store.PRETRAINED / "digits-tutorial", tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    exec(str(at.get("code")[0].value), {})
    kept = list((tmp_path / "run" / "epochs").glob("*.weights.h5"))
    assert len(capsys.readouterr().out.splitlines()) == len(kept) > 2
