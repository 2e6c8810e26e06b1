"""The two levels: Class shows the few controls that a first lesson needs, Lab shows all."""

import streamlit as st

from pages.shell import permalink

_LEVELS = ("class", "lab")


def is_lab() -> bool:
    """Whether all controls are shown (``level=lab`` in the address)."""
    return st.session_state.get("shell.level") == "lab"


def show_switch() -> None:
    """Show the switch between the levels, for the foot of the menu."""
    key = permalink.read("level", _LEVELS, "class", label="Level")
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
