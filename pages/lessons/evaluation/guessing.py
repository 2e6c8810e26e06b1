"""Guess the label before it is revealed: a person against the network, image by image."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.split import Split
from cnn.figures.mosaic import enlarge_to
from cnn.model.store import Card
from pages.shell.page_layout import prose
from pages.shell.text import percent

SIDE = 224
MOST, FEWEST = 50, 5  # images that a network has right, or wrong, in one game


class Question(NamedTuple):
    """One image to guess: uint8 (h, w, C), its name, its true class, what the network says and how surely, 0..1."""

    image: np.ndarray
    name: str
    truth: int
    said: int
    sure: float


def half_wrong(right: np.ndarray, seed: int) -> np.ndarray:
    """Which images to ask about: half of them ones that the network has wrong, in an order that ``seed`` fixes.

    Args:
        right: bool (N,), whether it is right.

    Returns:
        int64 positions: at most ``MOST`` wrong ones and as many right ones, but ``FEWEST`` right ones at least.
    """
    random = np.random.default_rng(seed)
    wrong = random.permutation(np.flatnonzero(~right))[:MOST]
    fill = random.permutation(np.flatnonzero(right))[: max(len(wrong), FEWEST)]
    return random.permutation(np.concatenate([wrong, fill]))


def guessing_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The view of *Evaluation*: test images that are hard for a network."""
    said = probabilities.argmax(axis=1)

    def ask(place: int) -> Question:
        sure = float(probabilities[place].max())
        return Question(test.image(place), f"Test image {place + 1}", int(test.labels[place]), int(said[place]), sure)

    places = half_wrong(said == test.labels, seed=1)
    guess(f"evaluation.guess.{card.id}", card.class_names, places.tolist(), ask)
    hard = int((said != test.labels)[places].sum())
    prose(
        f"To make it a contest, {hard} of these {len(places)} images are ones that the network has wrong: among all "
        "test images it does better than here."
    )


def guess(key: str, choices: Sequence[str], places: Sequence[int], ask: Callable[[int], Question]) -> None:
    """Show one image after the other; what it is, and what the network says, only after a guess. Keeps the score.

    Args:
        key: below the page's prefix, and another for every network.
        choices: the names of the classes.
        places: what to ask, in this order.
        ask: gives the question at a place.
    """
    score, chosen = st.session_state.get(f"{key}.score", []), st.session_state.get(f"{key}.chosen")
    number = len(score) - (chosen is not None)
    if number >= len(places):
        prose(f"**Those were all {len(places)} images.** {_standing(score)}")
        st.button("Start again", key=f"{key}.again", on_click=_start_again, args=(key,))
        return
    question = ask(places[number])
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.image(enlarge_to(question.image, SIDE), alt=question.name, width=SIDE)
        st.caption(f"{number + 1} of {len(places)} · {question.name}")
    with right:
        if chosen is None:
            st.markdown("**What is it?** Guess first, then see.")
            with st.container(horizontal=True, gap="small"):
                for choice, name in enumerate(choices):
                    st.button(name, key=f"{key}.choice.{choice}", on_click=_take, args=(key, choice, question))
        else:
            _reveal(question, choices, int(chosen))
            st.button("Next image", key=f"{key}.next", type="primary", on_click=_go_on, args=(key,))
        if score:
            prose(_standing(score))


def _reveal(question: Question, choices: Sequence[str], chosen: int) -> None:
    truth = f"The label says **{choices[question.truth]}**."
    lines = [
        f"{'✓' if answer == question.truth else '✗'} {who} {choices[answer]}{more}."
        for who, answer, more in (
            ("You said", chosen, ""),
            ("The network says", question.said, f", {percent(question.sure)} sure"),
        )
    ]
    prose("  \n".join([truth, *lines]))


def _standing(score: Sequence[tuple[bool, bool]]) -> str:
    yours, its = (sum(right) for right in zip(*score, strict=True))
    return f"Right so far: **you {yours}, the network {its}**, of {len(score)}."


def _take(key: str, choice: int, question: Question) -> None:
    right = (choice == question.truth, question.said == question.truth)
    st.session_state[f"{key}.score"] = [*st.session_state.get(f"{key}.score", []), right]
    st.session_state[f"{key}.chosen"] = choice


def _go_on(key: str) -> None:
    st.session_state[f"{key}.chosen"] = None


def _start_again(key: str) -> None:
    st.session_state[f"{key}.score"], st.session_state[f"{key}.chosen"] = [], None
