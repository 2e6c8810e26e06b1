"""How often long-running work reports, and its estimate of the time left."""

import pytest

from cnn import progress


def test_meter_reports_the_first_and_the_last_step_and_few_between(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock) / 8)  # each call is an eighth of a second later
    events: list[progress.Event] = []
    step = progress.progress_meter(events.append, "Counting", 10, "images")
    for done in range(11):
        step(done)
    assert [event["done"] for event in events] == [0, 3, 6, 9, 10]
    assert {(event["type"], event["what"], event["total"], event["unit"]) for event in events} == {
        ("progress", "Counting", 10, "images")
    }
    # Three steps were done half a second after the meter was created: the other seven take 0.5 / 3 * 7 s.
    assert [event["seconds_left"] for event in events][:2] == [None, pytest.approx(0.5 / 3 * 7)]
    assert events[-1]["seconds_left"] == 0


def test_step_may_rename_what_is_being_done():
    events: list[progress.Event] = []
    progress.progress_meter(events.append, "Counting", 2, "images")(2, "Counting backwards")
    assert events[0]["what"] == "Counting backwards"


def test_only_work_asked_to_stop_raises():
    progress.raise_if_stopped(lambda: False)
    with pytest.raises(progress.Stopped):
        progress.raise_if_stopped(lambda: True)
