"""A network's final exam on a page: sealed with the button that opens it, then its score, its date and its looks."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from cnn.analysis.evaluation.intervals import in_words
from cnn.data.class_balance import majority_share
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.final_exam import FinalExam, look_at_final_exam, read_final_exam
from cnn.model.store import PRETRAINED, Card
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.shell.workspace import workspace

_SEEN = "final_exam.seen"  # fingerprints of the models whose exam this visit has looked at


def show_final_exam(card: Card, *, key: str) -> None:
    """Show the score of an open exam, which counts as a look; its owner can open a sealed one.

    Args:
        key: of the score's container; that of the button is ``{key}.open``.
    """
    if not card.examined:
        prose("**The final exam** · test: not taken here.", key=key)
        return
    exam = read_final_exam(card)
    if exam.opened is None:
        _offer_opening(card, key)
        return
    if card.workspace is not None and card.fingerprint not in _seen():
        with suppress(ModelError):  # a full disk closes no exam that is open
            _look(card)
        exam = read_final_exam(card)
    prose(f"{_describe_score(*card.test, card.dataset)} {describe_looks(exam)}", key=key)


def exam_is_open(folder: Path) -> bool:
    """Whether the exam of the run in ``folder`` is open; without a model there is none, unless it came with the app."""
    card = _card_of(folder)
    return folder.is_relative_to(PRETRAINED) if card is None else read_final_exam(card).opened is not None


def show_exam_of_run(folder: Path, test: dict[str, Any], dataset: str, *, key: str) -> None:
    """``show_final_exam`` for a finished run; for one that came with the app without its model, the score alone.

    Args:
        test: the run's "test" event.
    """
    card = _card_of(folder)
    if card is not None:
        show_final_exam(card, key=key)
    elif exam_is_open(folder):
        prose(_describe_score(test["correct"], test["count"], dataset), key=key)


def describe_looks(exam: FinalExam) -> str:
    """When an exam was opened, and how often it was looked at since, in one sentence; it must be open."""
    opened = time.strftime("%-d %B %Y", time.localtime(exam.opened))
    if not exam.looks:
        return f"Opened on {opened}."
    times = "once" if exam.looks == 1 else "twice" if exam.looks == 2 else f"{exam.looks:,} times"
    return f"Opened on {opened}, looked at {times}."


def _offer_opening(card: Card, key: str) -> None:
    prose(
        f"**On validation images**: {in_words(*card.validation)}. Choose by this number. "
        f"**The final exam** · test, on {card.test[1]:,} more images, is sealed: open it when you have stopped "
        "changing the network.",
        key=f"{key}.sealed",
    )
    if card.workspace == workspace():
        arguments = (key, _look, card)
        st.button("Open the final exam", key=f"{key}.open", icon=":material/drafts:", on_click=attempt, args=arguments)
        show_refusal(key)
    else:
        st.caption("Only the owner of this network can open it.")


def _describe_score(correct: int, count: int, dataset: str) -> str:
    return (
        f"**The final exam** · test: {in_words(correct, count)}, on {count:,} images it had never seen. Guessing gives "
        f"{percent(majority_share(dataset, 'test'))}."
    )


def _card_of(folder: Path) -> Card | None:
    with suppress(ModelError):
        return store.card(folder.name)
    return None


def _look(card: Card) -> None:
    look_at_final_exam(card)
    st.session_state[_SEEN] = _seen() | {card.fingerprint}


def _seen() -> frozenset[str]:
    return st.session_state.get(_SEEN, frozenset())
