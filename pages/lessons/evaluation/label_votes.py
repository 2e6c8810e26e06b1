"""A vote on one doubted label after the other: is the label right, or the network?"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnn.analysis.evaluation import label_votes
from cnn.data.split import Split
from cnn.figures.mosaic import enlarge_to
from cnn.model.store import Card
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.shell.workspace import workspace

SIDE = 224
CHOICES = {"label": "The label", "network": "The network", "neither": "Neither"}


def show_vote(card: Card, probabilities: np.ndarray, test: Split, places: Sequence[int]) -> None:
    """Show one of the images at ``places`` with its vote, and what the class says once the visitor has voted."""
    at = f"evaluation.vote.{card.id}"
    number = min(st.session_state.get(at, 0), len(places) - 1)
    place = places[number]
    truth, said = int(test.labels[place]), int(probabilities[place].argmax())
    given = label_votes.read(card.dataset).get(place, {})
    left, right = st.columns([1, 2], gap="medium")
    with left:
        alt = f"Test image {place + 1}"
        st.image(enlarge_to(test.image(place), SIDE), alt=alt, width=SIDE)
        st.caption(f"{number + 1} of {len(places)} · {alt}")
    with right:
        sure = percent(float(probabilities[place, said]))
        names = {"label": card.class_names[truth], "network": card.class_names[said]}
        prose(f"Its label: **{names['label']}**  \nThe network, {sure} sure: **{names['network']}**")
        key = f"evaluation.voted.{card.id}.{place}"
        classes = {"label": truth, "network": said, "neither": None}
        mine = label_votes.voter(card.dataset, workspace())
        if key not in st.session_state and mine in given:
            st.session_state[key] = next((name for name in CHOICES if classes[name] == given[mine]), "neither")
        st.segmented_control(
            "Who is right?",
            list(CHOICES),
            key=key,
            format_func=lambda name: CHOICES[name],
            on_change=attempt,
            args=(key, _cast, key, card.dataset, place, classes),
            required=True,
        )
        show_refusal(key)
        if mine in given:
            prose(_result(label_votes.count(given, truth, said)))
        with st.container(horizontal=True):
            st.button("Previous", key=f"{at}.previous", on_click=_go, args=(at, number - 1), disabled=number == 0)
            last = number == len(places) - 1
            st.button("Next image", key=f"{at}.next", on_click=_go, args=(at, number + 1), disabled=last)


def _result(counts: tuple[int, int, int]) -> str:
    total = sum(counts)
    if total == 1:
        return "Yours is the first vote on this image."
    most = max(counts)
    if counts.count(most) > 1:
        shares = (f"label {counts[0]}", f"network {counts[1]}", f"neither {counts[2]}")
        return f"**No majority among {total} votes**: {', '.join(shares)}."
    who = ("the label is right", "the network is right", "neither is right")[counts.index(most)]
    return f"**{most} of {total} say {who}.**"


def _cast(key: str, dataset: str, place: int, classes: dict[str, int | None]) -> None:
    label_votes.cast(dataset, place, workspace(), classes[st.session_state[key]])


def _go(at: str, number: int) -> None:
    st.session_state[at] = number
