"""The final exam: sealed by what was saved, opened by the first look, every look kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cnn.errors import ModelError
from cnn.model import store
from cnn.model.final_exam import FinalExam, look_at_final_exam, read_final_exam, scored_split


@pytest.fixture
def sealed(tmp_path) -> store.Card:
    """A card whose exam is sealed, in a folder of its own."""
    return replace(store.card("digits-tutorial"), exam_sealed=True, workspace="me", folder=tmp_path)


def test_an_exam_is_sealed_until_the_first_look_and_open_from_then_on(sealed, monkeypatch) -> None:
    assert read_final_exam(sealed) == FinalExam(opened=None, looks=0)
    assert scored_split(sealed) == "validation"
    for now, looks in ((1_000_000_000, 1), (1_000_000_500, 2), (1_000_009_000, 3)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        assert look_at_final_exam(sealed) == FinalExam(opened=1_000_000_000, looks=looks)
    assert read_final_exam(sealed) == FinalExam(opened=1_000_000_000, looks=3)
    assert scored_split(sealed) == "test"


def test_looks_at_the_same_time_all_count(sealed) -> None:
    with ThreadPoolExecutor(8) as visitors:
        list(visitors.map(lambda _: look_at_final_exam(sealed), range(40)))
    assert read_final_exam(sealed).looks == 40


def test_exams_that_were_shown_at_once_count_as_opened_when_the_model_was_made(sealed) -> None:
    shown = replace(sealed, exam_sealed=False)
    assert read_final_exam(shown) == FinalExam(shown.created, 0)
    assert read_final_exam(store.card("digits-tutorial")).opened == store.card("digits-tutorial").created
    elsewhere = replace(shown, exam_opened=900_000_000)
    assert read_final_exam(elsewhere).opened == 900_000_000


def test_a_network_that_took_no_exam_is_judged_by_held_out_images(sealed) -> None:
    assert scored_split(replace(sealed, exam_sealed=False, examined=False)) == "validation"


def test_an_exam_whose_look_cannot_be_written_stays_sealed(sealed, tmp_path) -> None:
    gone = replace(sealed, folder=tmp_path / "gone")
    with pytest.raises(ModelError, match="stays closed"):
        look_at_final_exam(gone)
    assert read_final_exam(gone).opened is None
