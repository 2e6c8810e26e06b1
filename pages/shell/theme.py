"""The colours of figures on this visitor's page."""

import streamlit as st

from cnn.figures.palette import DARK, LIGHT, Palette


def palette() -> Palette:
    """The palette for the light or dark page that the visitor has."""
    return DARK if st.context.theme.type == "dark" else LIGHT
