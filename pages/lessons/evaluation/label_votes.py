"""A vote on each label that may be wrong: is the label right, or the network?"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnn.analysis.evaluation import label_votes
from cnn.data.split import Split
from cnn.model.store import Card
from pages.components.data_uri import image_data_uri
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose
from pages.shell.text import literal, percent
from pages.shell.workspace import workspace
from pages.widgets.scores.split_words import image_name

SIDE = 224
CHOICES = {"label": "The label", "network": "The network", "neither": "Neither"}


def show_vote(card: Card, probabilities: np.ndarray, split: Split, indices: Sequence[int]) -> None:
    """Show one image with its vote, and the class's result once the visitor has voted.

    Args:
        probabilities: float32 (N, classes), for the whole split.
        indices: positions in the split of the images to vote on.
    """
    position_key = f"evaluation.vote.{card.id}"
    position = min(st.session_state.get(position_key, 0), len(indices) - 1)
    index = indices[position]
    label, predicted = int(split.labels[index]), int(probabilities[index].argmax())
    left, right = st.columns([1, 2], gap="medium")
    with left:
        alt = image_name(split, index)
        st.image(image_data_uri(split.image(index), SIDE), alt=alt, width=SIDE)
        st.caption(f"{position + 1} of {len(indices)} · {alt}")
    with right:
        confidence = percent(float(probabilities[index, predicted]))
        prose(
            f"Its label: **{literal(card.class_names[label])}**  \n"
            f"The network, {confidence} sure: **{literal(card.class_names[predicted])}**",
            key="evaluation.vote.names",
        )
        _ask_for_vote(card, split, index, label, predicted)
        with st.container(horizontal=True):
            for text, name, target, disabled in (
                ("Previous", "previous", position - 1, position == 0),
                ("Next image", "next", position + 1, position == len(indices) - 1),
            ):
                key = f"{position_key}.{name}"
                st.button(text, key=key, on_click=_go_to, args=(position_key, target), disabled=disabled)


def _ask_for_vote(card: Card, split: Split, index: int, label: int, predicted: int) -> None:
    """The visitor's vote on one image and, after it, everybody's."""
    key = f"evaluation.voted.{card.id}.{split.name}.{index}"
    votes = label_votes.read(card.dataset, split.name).get(index, {})
    voter = label_votes.voter(card.dataset, workspace())
    classes = {"label": label, "network": predicted, "neither": None}
    if key not in st.session_state and voter in votes:
        st.session_state[key] = next((name for name in CHOICES if classes[name] == votes[voter]), "neither")
    st.segmented_control(
        "Who is right?",
        list(CHOICES),
        key=key,
        format_func=lambda name: CHOICES[name],
        on_change=attempt,
        args=(key, _cast_vote, key, (card.dataset, split.name), index, classes),
        required=True,
    )
    show_refusal(key)
    if voter in votes:
        prose(describe_votes(label_votes.count(votes, label, predicted)), key="evaluation.votes")


def describe_votes(counts: tuple[int, int, int]) -> str:
    """The result in words.

    Args:
        counts: votes for the label, for the network and for neither; at least one.
    """
    total = sum(counts)
    if total == 1:
        return "Yours is the first vote on this image."
    most = max(counts)
    if counts.count(most) > 1:
        return f"**No majority among {total} votes**: label {counts[0]}, network {counts[1]}, neither {counts[2]}."
    winner = ("the label is right", "the network is right", "neither is right")[counts.index(most)]
    return f"**{most} of {total} say {winner}.**"


def _cast_vote(key: str, images: tuple[str, str], index: int, classes: dict[str, int | None]) -> None:
    label_votes.cast(*images, index, workspace(), classes[st.session_state[key]])


def _go_to(position_key: str, position: int) -> None:
    st.session_state[position_key] = position
