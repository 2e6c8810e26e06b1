"""A model that the command line has brought in: it is in nobody's list until somebody takes it into theirs."""

import streamlit as st

from cnn.model.store import Card
from cnn.requests import names
from pages.shell import selection
from pages.shell.errors import attempt, show_refusal
from pages.shell.workspace import workspace

KEY = "models.claim"


def claim_view(card: Card) -> None:
    """The button that takes a model that is nobody's into the visitor's list; nothing for other models."""
    if card.workspace == "":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Take it into my list", key=KEY, on_click=attempt, args=(KEY, _claim, card))
            st.caption("The command line brought it in: so far only its link leads here.")
    show_refusal(KEY)


def _claim(card: Card) -> None:
    names.claim_model(card.id, workspace())
    selection.forget_lists()
    selection.select(model=card.id)
