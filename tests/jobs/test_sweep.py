"""Runs of browsers that have not been back are swept, and nothing else is."""

import os
import time

import pytest

from cnn.home import home
from cnn.jobs import last_seen, queue, sweep
from cnn.jobs.engine import Engine
from cnn.jobs.queue import Job
from tests.jobs.job_control import ANN, BOB, set_state, submit_training

DAY = 24 * 3600
LONG_AGO = time.time() - 400 * DAY


@pytest.fixture(autouse=True)
def noted_for_years() -> None:
    """A server that has been noting who is here for long."""
    last_seen._noted.clear()
    (home() / "seen").mkdir()
    (home() / "seen" / "began").touch()
    os.utime(home() / "seen" / "began", (LONG_AGO, LONG_AGO))


def old_run(monkeypatch: pytest.MonkeyPatch, workspace: str = ANN, *, state: str = "finished", **settings: str) -> str:
    """A run from long ago; its owner was seen then for the last time."""
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: LONG_AGO)
        id = queue.submit("train", settings, workspace=workspace, name="Run")
        if state != "queued":
            set_state(id, state)
    return id


def ids() -> set[str]:
    return {job.id for job in queue.jobs()}


def due() -> list[Job]:
    return [run.job for run in sweep.due_runs()]


@pytest.mark.parametrize("state", ["finished", "stopped", "interrupted", "failed"])
def test_a_run_whose_browser_has_not_been_back_is_swept(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    id, folder = old_run(monkeypatch, state=state), home() / "runs"
    assert [job.id for job in due()] == [id]
    assert sweep.sweep() == [id]
    assert list(folder.iterdir()) == []


def test_a_starred_run_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    starred, plain = old_run(monkeypatch), old_run(monkeypatch)
    queue.star(starred, ANN, starred=True)
    queue.rename(starred, ANN, "Still starred")
    assert sweep.sweep() == [plain]
    queue.star(starred, ANN, starred=False)
    assert sweep.sweep() == [starred]


def test_a_run_of_somebody_seen_since_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, gone = old_run(monkeypatch, ANN), old_run(monkeypatch, BOB)
    last_seen.note_seen(ANN)
    assert sweep.sweep() == [gone]
    assert ids() == {kept}


def test_whoever_has_queued_a_run_since_was_here(monkeypatch: pytest.MonkeyPatch) -> None:
    old_run(monkeypatch, ANN)
    set_state(submit_training(ANN), "finished")
    assert sweep.sweep() == []


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_that_waits_or_runs_stays_with_what_it_needs(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """Such as an export, or a network that was looked at before it is kept."""
    model, unrelated = old_run(monkeypatch), old_run(monkeypatch)
    needs = old_run(monkeypatch, state=state, model=model)
    assert sweep.sweep() == [unrelated]
    assert ids() == {model, needs}


def test_what_a_run_that_stays_refers_to_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who is here has studied a model of somebody who is not; and so on from there."""
    first = old_run(monkeypatch, ANN)
    second = old_run(monkeypatch, ANN, inspected=first)
    study = queue.submit("study", {"model": second}, workspace=BOB, name="Study")
    set_state(study, "finished")
    assert sweep.sweep() == []
    queue.delete(study, BOB)
    assert set(sweep.sweep()) == {first, second}


def test_what_nobody_has_taken_yet_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    old_run(monkeypatch, "")
    assert sweep.sweep() == []


def test_nobody_has_vanished_while_nobody_was_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after the update to a version that notes who is here."""
    old_run(monkeypatch)
    (home() / "seen" / "began").unlink()
    assert sweep.sweep() == []
    assert (home() / "seen" / "began").exists()


def test_the_setting_says_after_how_many_days_and_0_never(monkeypatch: pytest.MonkeyPatch) -> None:
    id = old_run(monkeypatch)
    monkeypatch.setenv("CNN_SWEEP_DAYS", "0")
    assert (due(), sweep.sweep()) == ([], [])
    monkeypatch.setenv("CNN_SWEEP_DAYS", "410")
    assert sweep.sweep() == []
    (announced,) = sweep.due_runs(within=11 * DAY)
    assert announced.job.id == id
    assert announced.at == pytest.approx(LONG_AGO + 410 * DAY)
    monkeypatch.setenv("CNN_SWEEP_DAYS", "399")
    assert sweep.sweep() == [id]


def test_those_that_ended_first_go_first_and_not_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_AT_ONCE", 2)
    by_age = [old_run(monkeypatch) for _ in range(3)]
    for age, id in enumerate(by_age):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda age=age: LONG_AGO + age)
            set_state(id, "finished")
    assert [sweep.sweep(), sweep.sweep()] == [by_age[:2], by_age[2:]]


def test_the_engine_sweeps_and_goes_on_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    first = old_run(monkeypatch)
    engine = Engine()
    engine._sweep_now_and_then()
    assert first not in ids()
    second = old_run(monkeypatch)
    engine._sweep_now_and_then()
    assert second in ids(), "it does not look all the time"
    monkeypatch.setattr(engine, "_swept", float("-inf"))
    monkeypatch.setenv("CNN_SWEEP_DAYS", "many")
    engine._sweep_now_and_then()
    assert second in ids()


def test_a_note_is_written_once_an_hour_and_for_owners_of_runs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    last_seen.note_seen(ANN)
    assert [path.name for path in (home() / "seen").iterdir()] == ["began"]
    old_run(monkeypatch)
    clock[0] += 3599
    last_seen.note_seen(ANN)
    assert len(list((home() / "seen").iterdir())) == 1
    clock[0] += 2
    last_seen.note_seen(ANN)
    (note,) = (path for path in (home() / "seen").iterdir() if path.name != "began")
    assert ANN not in note.name, "whoever knows a workspace's id owns it"
    os.utime(note, (LONG_AGO, LONG_AGO))
    assert len(sweep.sweep()) == 1
    assert not note.exists()
