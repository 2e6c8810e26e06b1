"""Two levels: Class shows the few controls a first lesson needs, Lab everything."""

import streamlit as st

from pages.shell import permalink

_LEVELS = ("class", "lab")


def is_lab() -> bool:
    """Whether the visitor asked for every control (``level=lab`` in the address)."""
    return st.session_state.get("shell.level") == "lab"


def show_switch() -> None:
    """The switch between the two, for the sidebar."""
    key = permalink.read("level", _LEVELS, "class", thing="level")
    st.segmented_control(
        "Level",
        _LEVELS,
        key=key,
        required=True,
        width="stretch",
        format_func=str.capitalize,
        help="Class: the few controls a first lesson needs. Lab: everything.",
    )
    permalink.write("level", "class")
