"""How the app looks: its style sheets, its icon and wordmark, and the colours of figures."""

from base64 import b64encode
from pathlib import Path

import streamlit as st

from cnn.figures.palette import DARK, LIGHT, Palette

_ASSETS = Path(__file__).parents[1] / "assets"


def _as_address(name: str, kind: str) -> str:
    """A picture as an address that holds it, so that a rerun need not read its file."""
    return f"data:{kind};base64,{b64encode((_ASSETS / name).read_bytes()).decode()}"


STYLE_SHEETS = "".join(f"<style>{(_ASSETS / name).read_text()}</style>" for name in ("shell.css", "print.css"))
ICON = _as_address("icon.png", "image/png")
WORDMARK = _as_address("wordmark.svg", "image/svg+xml")


def palette() -> Palette:
    """The palette for the visitor's light or dark theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT
