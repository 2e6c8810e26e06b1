"""How often long work reports, and the time it says is left."""

import pytest

from cnn import progress


def test_meter_reports_the_first_and_the_last_step_and_few_between(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock) / 8)  # each look at it is an eighth later
    events: list[progress.Event] = []
    step = progress.progress_meter(events.append, "Counting", 10, "images")
    for done in range(11):
        step(done)
    assert [event["done"] for event in events] == [0, 3, 6, 9, 10]
    assert {(event["type"], event["what"], event["total"], event["unit"]) for event in events} == {
        ("progress", "Counting", 10, "images")
    }
    # Half a second after the meter was made three are done: seven more take 0.5 / 3 * 7 s.
    assert [event["seconds_left"] for event in events][:2] == [None, pytest.approx(0.5 / 3 * 7)]
    assert events[-1]["seconds_left"] == 0


def test_a_step_may_say_what_is_done_now():
    events: list[progress.Event] = []
    progress.progress_meter(events.append, "Counting", 2, "images")(2, "Counting backwards")
    assert events[0]["what"] == "Counting backwards"


def test_stopped_work_raises_and_other_work_goes_on():
    progress.raise_if_stopped(lambda: False)
    with pytest.raises(progress.Stopped):
        progress.raise_if_stopped(lambda: True)
