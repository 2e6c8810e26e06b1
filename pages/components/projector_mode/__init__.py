"""Projector mode, in the browser alone: no menu, no foot, larger type, and pictures as wide as the window."""

from pathlib import Path

import streamlit as st

from pages.components import browser_component

_FOLDER = Path(__file__).parent
_component = browser_component(
    _FOLDER,
    '<button type="button" class="end-projector-mode" hidden>End projector mode (Esc)</button>',
    isolate_styles=False,  # what it changes is the page around it
)


def projector_mode() -> None:
    """Let the browser turn projector mode on and off; called on every page, so that the mode outlives reruns."""
    _component(data={}, key="shell.projector_mode")


def projector_mode_button() -> None:
    """Show the button that turns projector mode on and off; the script of ``projector_mode`` listens to it."""
    st.button("Projector mode (Alt + P)", key="shell.projector", type="tertiary", icon=":material/present_to_all:")
