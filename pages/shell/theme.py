"""The colours of figures, to match the visitor's theme."""

import streamlit as st

from cnn.figures.palette import DARK, LIGHT, Palette


def palette() -> Palette:
    """The palette for the visitor's light or dark theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT
