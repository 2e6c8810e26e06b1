"""A guessing game: a person against the network, image by image, with the label revealed after the guess."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.split import Split
from cnn.model.store import Card
from pages.components.data_uri import image_data_uri
from pages.shell.page_layout import prose, section
from pages.shell.text import literal, percent
from pages.widgets.scores.split_words import image_name, images_of

SIDE = 224
MAX_WRONG, MIN_CORRECT = 50, 5  # images per game that the network gets wrong, and gets right


class Question(NamedTuple):
    """One image to guess.

    Attributes:
        image: uint8 (h, w, C).
        name: shown below the image.
        true_class: its label.
        predicted: the class that the network predicts.
        confidence: the probability of ``predicted``, 0..1.
    """

    image: np.ndarray
    name: str
    true_class: int
    predicted: int
    confidence: float


def sample_half_wrong(correct: np.ndarray, seed: int) -> np.ndarray:
    """Sample images of which the network gets half wrong, in an order fixed by ``seed``.

    Args:
        correct: bool (N,), whether the network gets each image right.

    Returns:
        int64 indices: at most ``MAX_WRONG`` wrong ones and as many correct ones, but at least ``MIN_CORRECT``.
    """
    random = np.random.default_rng(seed)
    wrong_sample = random.permutation(np.flatnonzero(~correct))[:MAX_WRONG]
    correct_sample = random.permutation(np.flatnonzero(correct))[: max(len(wrong_sample), MIN_CORRECT)]
    return random.permutation(np.concatenate([wrong_sample, correct_sample]))


def guessing_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """The guessing game, on images that are hard for the network."""
    predicted = probabilities.argmax(axis=1)

    def question(index: int) -> Question:
        confidence = float(probabilities[index].max())
        name = image_name(split, index)
        return Question(split.image(index), name, int(split.labels[index]), int(predicted[index]), confidence)

    indices = sample_half_wrong(predicted == split.labels, seed=1)
    play_guessing_game(f"evaluation.guess.{card.id}", card.class_names, indices.tolist(), question)
    wrong = int((predicted != split.labels)[indices].sum())
    prose(
        f"To make it a contest, {wrong} of these {len(indices)} images are ones that the network has wrong: among all "
        f"{images_of(split)} it does better than here."
    )


def play_guessing_game(
    key: str, class_names: Sequence[str], indices: Sequence[int], make_question: Callable[[int], Question]
) -> None:
    """Show one image at a time, reveal its label and the prediction only after a guess, and keep the score.

    Args:
        key: prefix of the widget keys, below the page's own prefix and different for every network.
        indices: of the images to guess, in this order.
        make_question: gives the question for one of ``indices``.
    """
    score, guess = st.session_state.get(f"{key}.score", []), st.session_state.get(f"{key}.chosen")
    turn = len(score) - (guess is not None)
    if turn >= len(indices):
        prose(f"**Those were all {len(indices)} images.** {_describe_score(score)}")
        st.button("Start again", key=f"{key}.again", on_click=_start_again, args=(key,))
        return
    question = make_question(indices[turn])
    left, right = st.columns([1, 2], gap="medium")
    with left:
        with st.container(key=f"{key}.image"):
            st.image(image_data_uri(question.image, SIDE), alt=question.name, width=SIDE)
        st.caption(f"{turn + 1} of {len(indices)} · {question.name}")
    with right:
        if guess is None:
            section("**What is it?** Guess first, then see.")
            with st.container(horizontal=True, gap="small"):
                for i, name in enumerate(class_names):
                    st.button(literal(name), key=f"{key}.choice.{i}", on_click=_record_guess, args=(key, i, question))
        else:
            _reveal_answer(question, class_names, int(guess), key=f"{key}.answer")
            st.button("Next image", key=f"{key}.next", type="primary", on_click=_next_image, args=(key,))
        if score:
            prose(_describe_score(score), key=f"{key}.standing")


def _reveal_answer(question: Question, class_names: Sequence[str], guess: int, key: str) -> None:
    label = f"The label says **{literal(class_names[question.true_class])}**."
    lines = [
        f"{'✓' if answer == question.true_class else '✗'} {who} {literal(class_names[answer])}{detail}."
        for who, answer, detail in (
            ("You said", guess, ""),
            ("The network says", question.predicted, f", {percent(question.confidence)} sure"),
        )
    ]
    prose("  \n".join([label, *lines]), key=key)


def _describe_score(score: Sequence[tuple[bool, bool]]) -> str:
    yours, networks = (sum(correct) for correct in zip(*score, strict=True))
    return f"Right so far: **you {yours}, the network {networks}**, of {len(score)}."


def _record_guess(key: str, guess: int, question: Question) -> None:
    correct = (guess == question.true_class, question.predicted == question.true_class)
    st.session_state[f"{key}.score"] = [*st.session_state.get(f"{key}.score", []), correct]
    st.session_state[f"{key}.chosen"] = guess


def _next_image(key: str) -> None:
    st.session_state[f"{key}.chosen"] = None


def _start_again(key: str) -> None:
    st.session_state[f"{key}.score"], st.session_state[f"{key}.chosen"] = [], None
