"""Whether a network learns from what it is shown: it is asked again and again, and its weights are compared."""

import hashlib

import numpy as np
import streamlit as st

from cnn.analysis.repeated_questions import Repetition, ask_again
from cnn.model.store import Card
from pages.shell.page_layout import prose
from pages.widgets import model_cache

TIMES = 100


def show_asking_again(card: Card, seen: np.ndarray) -> None:
    """Say that the network does not learn from a picture, and offer to check it.

    Args:
        seen: uint8 (H, W, C), the picture as the network gets it.
    """
    prose("**Does it learn from your picture?** No: using a network changes none of its weights, only training does.")
    # One key for each picture: what was counted for another says nothing about this one.
    key = hashlib.sha256(card.fingerprint.encode() + seen.tobytes()).hexdigest()[:12]
    spot = st.empty()
    if spot.button(f"Check it: ask {TIMES} times more", key="predict.again", type="tertiary", icon=":material/replay:"):
        with st.spinner(f"Asking {TIMES} times …"):
            st.session_state["predict.repetition"] = (
                key,
                ask_again(model_cache.keras_model(card), model_cache.predict_function(card), seen, TIMES),
            )
    shown_key, repetition = st.session_state.get("predict.repetition", (None, None))
    if repetition is not None and shown_key == key:
        spot.empty()
        prose(describe_repetition(repetition), key="predict.repetition.result")


def describe_repetition(repetition: Repetition) -> str:
    """What was counted, in words."""
    best = int(repetition.first.argmax())
    first, last = (f"{100 * float(answer[best]):.4f} %" for answer in (repetition.first, repetition.last))
    return (
        f"Asked {TIMES} times: **{repetition.changed:,} of its {repetition.weights:,} weights** changed. Its answer "
        f"had {first} the first time and {last} the last."
    )
