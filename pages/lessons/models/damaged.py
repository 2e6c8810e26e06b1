"""A visitor's runs of which a file can no longer be read: their names, and a way to delete them."""

import streamlit as st

from cnn.jobs import queue
from cnn.model import store
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import notice
from pages.shell.text import literal
from pages.shell.workspace import workspace

KEY = "models.damaged"


def show_damaged_runs() -> None:
    """Name the visitor's damaged runs, and offer to delete one of them; nothing without any."""
    damaged = store.damaged(workspace())
    if damaged:
        names = ", ".join(f"“{literal(name)}”" for name in damaged.values())
        notice(
            f"Damaged: {names}. A file of each can no longer be read, so no list has it; the others are as they were.",
            key=KEY,
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            id = st.selectbox("Damaged run", list(damaged), format_func=damaged.__getitem__, key=f"{KEY}.id", width=320)
            confirmed = st.checkbox("Yes, delete it for good", key=f"{KEY}.sure.{id}")
            delete = (f"{KEY}.delete", queue.delete, id, workspace())
            st.button("Delete", key=f"{KEY}.delete", disabled=not confirmed, on_click=attempt, args=delete)
    show_refusal(f"{KEY}.delete")
