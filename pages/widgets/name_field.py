"""The field that asks what something of the visitor's own is to be called, with a name that is free suggested."""

from collections.abc import Callable

import streamlit as st

from cnn.jobs import queue
from pages.shell.text import literal


def ask_name(
    suggestion: str,
    free: Callable[[str], str],
    *,
    key: str,
    label: str = "Name of the model",
    most: int = queue.MAX_NAME,
) -> str:
    """Show the field; it follows the suggestion until the visitor types a name of their own.

    Args:
        suggestion: a good name; it gets a number if it is taken.
        free: gives the name that one would get now, such as ``names.free_model_name`` of a workspace.
        key: of the field; the note that a name is taken has it with ".taken".
        most: how many characters it may have.

    Returns:
        The name, never empty.
    """
    state, suggested = st.session_state, _suggested_key(key)
    default = free(suggestion)
    if state.get(key, "").strip() in ("", state.get(suggested)) and state.get(key) != default:
        state[key] = default
    state[suggested] = default
    name = st.text_input(label, key=key, max_chars=most, width=460, persist_state="session").strip() or default
    if (numbered := free(name)) != " ".join(name.split()):
        with st.container(key=f"{key}.taken"):
            st.caption(f"“{literal(name)}” is taken: it will be called “{literal(numbered)}”.")
    return name


def forget_name(key: str) -> None:
    """Let the field follow the suggestion again, once its name has been given to something."""
    st.session_state[_suggested_key(key)] = st.session_state.get(key, "").strip()


def _suggested_key(key: str) -> str:
    return f"{key}.suggested"
